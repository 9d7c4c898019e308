/** What agents work with: macros, and for admins the company's own fields and its tags. */
import { useRoute, useScreen } from '@flowbit/contract';
import { FieldsView } from './fields-view';
import { MacrosView } from './macros-view';
import { TagsView } from './tags-view';

const routes = {
  macros: '/',
  addMacro: '/new',
  fields: '/fields',
  addField: '/fields/new',
  field: '/fields/:id',
  tags: '/tags',
  tag: '/tags/:name',
  macro: '/:id',
} as const;

export function DeskScreen() {
  const route = useRoute(routes);
  const { can } = useScreen();
  const isAdmin = can('admin');
  switch (route?.name) {
    case 'fields':
    case 'addField':
    case 'field':
      if (isAdmin) {
        const openId = route.name === 'field' ? route.params.id : null;
        return <FieldsView openId={openId} isAdding={route.name === 'addField'} />;
      }
      break;
    case 'tags':
    case 'tag':
      if (isAdmin) return <TagsView openName={route.name === 'tag' ? route.params.name : null} />;
      break;
  }
  return (
    <MacrosView
      openId={route?.name === 'macro' ? route.params.id : null}
      isAdding={route?.name === 'addMacro'}
    />
  );
}
