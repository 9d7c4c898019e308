/** Teams: who belongs to each, and how its tickets find somebody. */
import { isApiError, type Team } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  Button,
  type Column,
  defineMessages,
  EmptyState,
  PageHeader,
  useHotkeys,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { useState } from 'react';
import { ActDialog } from '../parts/act-dialog';
import { LoadError } from '../parts/load-error';
import { RecordList } from '../parts/record-list';
import classes from './desk.module.css';
import { useDeskChanges, useTeams } from './queries';
import { Tabs } from './tabs';
import { TeamForm } from './team-form';
import { assignmentWords } from './team-words';

const words = defineMessages({
  en: {
    description: 'People who share their tickets. Give a ticket to a team, and its rule finds somebody.',
    add: 'New team',
    caption: 'Teams',
    name: 'Team',
    members: 'Members',
    nobody: 'Nobody yet',
    rule: 'Tickets go to',
    actions: 'Actions',
    remove: (name: string) => `Delete ${name}`,
    removeTitle: (name: string) => `Delete “${name}”?`,
    removeMeaning: 'Its solved tickets go on saying that they were this team’s.',
    hasTickets: 'The team still has work',
    hasTicketsMeaning: 'Tickets of this team are not solved yet: give them to others first.',
    confirm: 'Delete team',
    none: 'No team yet',
    noneMeaning: 'Make a team, and tickets can be given to it instead of to one person.',
    group: 'Teams',
  },
  de: {
    description:
      'Menschen, die sich Tickets teilen. Geben Sie ein Ticket an ein Team, und seine Regel findet jemanden.',
    add: 'Neues Team',
    caption: 'Teams',
    name: 'Team',
    members: 'Mitglieder',
    nobody: 'Noch niemand',
    rule: 'Tickets gehen an',
    actions: 'Aktionen',
    remove: (name: string) => `${name} löschen`,
    removeTitle: (name: string) => `„${name}“ löschen?`,
    removeMeaning: 'Seine gelösten Tickets sagen weiterhin, dass sie bei diesem Team waren.',
    hasTickets: 'Das Team hat noch zu tun',
    hasTicketsMeaning: 'Tickets dieses Teams sind noch nicht gelöst: Geben Sie sie zuerst an andere.',
    confirm: 'Team löschen',
    none: 'Noch kein Team',
    noneMeaning: 'Legen Sie ein Team an, und Tickets können an das Team statt an eine Person gehen.',
    group: 'Teams',
  },
});

export function TeamsView({ openId, isAdding }: { openId: string | null; isAdding: boolean }) {
  const text = useMessages(words);
  const rules = useMessages(assignmentWords);
  const { screen, navigate } = useScreen();
  const { data: teams, error, refetch } = useTeams();
  const changes = useDeskChanges();
  const [removing, setRemoving] = useState<Team | null>(null);
  const add = () => navigate('/teams/new', { keepScroll: true });
  const close = () => navigate('/teams', { keepScroll: true });
  useHotkeys([{ keys: 'c', label: text.add, group: text.group, run: add }]);
  const opened = teams?.find(({ id }) => id === openId) ?? null;

  const name = (team: Team) => (
    <span className={classes.name}>
      <span className={classes.title}>{team.name}</span>
      <span className={classes.detail}>
        {team.members.length > 0 ? team.members.map((member) => member.name).join(', ') : text.nobody}
      </span>
    </span>
  );
  const columns: Column<Team>[] = [
    { id: 'name', header: text.name, cell: name },
    { id: 'members', header: text.members, width: 110, align: 'end', cell: ({ members }) => members.length },
    { id: 'rule', header: text.rule, width: 210, isMinor: true, cell: ({ assignment }) => rules[assignment] },
    {
      id: 'actions',
      header: <VisuallyHidden>{text.actions}</VisuallyHidden>,
      width: 60,
      align: 'end',
      cell: (team) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={text.remove(team.name)}
          onClick={() => setRemoving(team)}
        >
          <AppIcon name="trash" />
        </ActionIcon>
      ),
    },
  ];
  const addButton = (
    <Button leftSection={<AppIcon name="plus" />} onClick={add}>
      {text.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={screen.title} description={text.description} actions={addButton}>
        <Tabs current="teams" />
      </PageHeader>
      {error && teams === undefined ? (
        <LoadError error={error} onRetry={() => void refetch()} />
      ) : (
        <RecordList
          caption={text.caption}
          rowHeight={48}
          columns={columns}
          rows={teams}
          rowKey={({ id }) => id}
          openLabel={(team) => team.name}
          onOpen={(team) => navigate(`/teams/${team.id}`, { keepScroll: true })}
          skeletonRows={4}
          item={name}
          empty={
            <EmptyState icon="users" title={text.none} action={addButton}>
              {text.noneMeaning}
            </EmptyState>
          }
        />
      )}
      {(isAdding || opened) && (
        <TeamForm
          key={opened?.id ?? 'new'}
          team={opened}
          onClose={close}
          onSubmit={async (values, version) => {
            if (opened)
              await changes.updateTeam(opened.id, version === undefined ? values : { ...values, version });
            else await changes.createTeam(values);
            close();
          }}
        />
      )}
      {removing && (
        <ActDialog
          opened
          onClose={() => setRemoving(null)}
          title={text.removeTitle(removing.name)}
          confirmLabel={text.confirm}
          isDangerous
          onConfirm={() => changes.deleteTeam(removing.id)}
          explain={(caught) =>
            isApiError(caught, 'team_has_tickets')
              ? { title: text.hasTickets, meaning: text.hasTicketsMeaning }
              : null
          }
        >
          {text.removeMeaning}
        </ActDialog>
      )}
    </>
  );
}
