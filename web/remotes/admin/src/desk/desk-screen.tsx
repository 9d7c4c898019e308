/** What agents work with: macros, and for admins the company's teams, own fields, tags and what holds for requests. */
import { useRoute, useScreen } from '@flowbit/contract';
import { FieldsView } from './fields-view';
import { MacrosView } from './macros-view';
import { RequestsView } from './requests-view';
import { TagsView } from './tags-view';
import { TeamsView } from './teams-view';

const routes = {
  macros: '/',
  addMacro: '/new',
  fields: '/fields',
  addField: '/fields/new',
  field: '/fields/:id',
  tags: '/tags',
  requests: '/requests',
  teams: '/teams',
  addTeam: '/teams/new',
  team: '/teams/:id',
  macro: '/:id',
} as const;

export function DeskScreen() {
  const route = useRoute(routes);
  const { can, search } = useScreen();
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
    case 'teams':
    case 'addTeam':
    case 'team':
      if (isAdmin) {
        const openId = route.name === 'team' ? route.params.id : null;
        return <TeamsView openId={openId} isAdding={route.name === 'addTeam'} />;
      }
      break;
    case 'requests':
      if (isAdmin) return <RequestsView />;
      break;
    case 'tags':
      // In the query: in a path, a tag such as `..` would be a way up.
      if (isAdmin) return <TagsView openName={search.get('tag')} />;
      break;
  }
  return (
    <MacrosView
      openId={route?.name === 'macro' ? route.params.id : null}
      isAdding={route?.name === 'addMacro'}
    />
  );
}
