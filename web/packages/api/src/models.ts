/**
 * What the HTTP contract speaks of: tickets, people, events, deliveries and screens.
 *
 * Names for the types that are generated from `docs/openapi.json`. Only what the document leaves
 * open is said here: free JSON, and texts that are one of a few.
 */
import type { paths, Schemas } from './contract';

export type { Json } from './contract';

export type Role = Schemas['Role'];
export type TicketStatus = Schemas['Status'];
export type TicketPriority = Schemas['Priority'];
export type WorkflowState = Schemas['WorkflowState'];
export type DeliveryState = Schemas['DeliveryState'];
/** RFC 3339, UTC, milliseconds. */
export type Timestamp = Schemas['Timestamp'];

export type Customer = Schemas['Customer'] & { locale: 'en' | 'de' };
export type SessionUser = Schemas['Profile'];
export type SessionBody = Schemas['SessionBody'] & { customer: Customer };

export type ScreenRemote = Schemas['Remote'];
export type Screen = Schemas['Screen'];
export type AdminScreen = Schemas['ScreenSetting'];

export type PersonRef = Schemas['Person'];
export type Assignee = Schemas['Assignee'];
export type OutOfOffice = Schemas['OutOfOffice'];
export type TeamRef = Schemas['TeamName'];
export type Team = Schemas['Team'];
export type CreateTeam = Schemas['NewTeam'];
export type TeamPatch = Schemas['TeamPatch'];

export type Ticket = Schemas['Ticket'];
export type TicketMatch = Schemas['TicketMatch'];
export type Match = Schemas['Match'];
export type Snooze = Schemas['Snooze'];
export type TicketCounts = Schemas['TicketCounts'];
export type TicketQuery = QueryOf<'/api/tickets'>;
export type TicketSort = NonNullable<TicketQuery['sort']>;
export type CreateTicket = Schemas['NewTicket'];
export type UpdateTicket = Schemas['TicketPatch'];
export type Message = Schemas['Message'];
export type Attachment = Schemas['Attachment'];
export type TicketLinks = Schemas['TicketLinks'];
export type TicketLink = Schemas['TicketLink'];
export type Draft = Schemas['Draft'];
export type DraftKind = Schemas['DraftKind'];

export type Expression = Schemas['Expression'];
export type SavedView = Schemas['View'];
export type NewView = Schemas['NewView'];
export type UpdateView = Schemas['ViewPatch'];
export type ViewColumn = Schemas['ViewColumn'];
export type ViewCount = Schemas['ViewCount'];
export type BulkChange = Schemas['BulkChange'];
export type BulkResult = Schemas['BulkResult'];
export type Macro = Schemas['Macro'];
export type MacroItem = Schemas['MacroItem'];
export type MacroActions = Schemas['MacroActions'];
export type CreateMacro = Schemas['NewMacro'];
export type Field = Schemas['Field'];
export type CreateField = Schemas['NewField'];
export type FieldPatch = Schemas['FieldPatch'];
export type Tag = Schemas['Tag'];

export type Watchers = Schemas['Watchers'];
export type Present = Schemas['Present'];
export type TicketPresence = Schemas['TicketPresence'];
export type Notice = Schemas['Notice'];
export type NoticeKind = Schemas['NoticeKind'];
export type NoticePage = Schemas['NoticePage'];
export type NoticeSettings = Schemas['NoticeSettingsHere'];
export type NoticeSettingsPatch = Schemas['NoticeSettingsPatch'];
export type MailFrequency = Schemas['MailFrequency'];
export type QuietHours = Schemas['QuietHours'];

export type LedgerEvent = Schemas['Event'];
export type AuditItem = Schemas['AuditEvent'];
export type AuditVerification = Schemas['Verification'];
export type AuditCheckpoint = Schemas['Checkpoint'];
export type AuditQuery = QueryOf<'/api/admin/audit'>;

export type CompanySettings = Schemas['CompanySettings'];

export type AdminUser = Schemas['User'];
export type Invitation = Schemas['InvitationLink'];
export type CreatedUser = Schemas['CreatedUserBody'];

export type Endpoint = Schemas['Endpoint'];
export type EndpointWithSecrets = Schemas['EndpointWithSecrets'];
export type CreateEndpoint = Schemas['NewEndpoint'];
export type Delivery = Schemas['Delivery'];
export type DeliveryAttempt = Schemas['Attempt'];
export type DeliveryDetail = Schemas['DeliveryDetail'];

export type Problem = Schemas['Problem'];

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** The query that a list takes. */
type QueryOf<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Query } } }
  ? NonNullable<Query>
  : never;

/** What the ledger records today; a newer server may add to it. */
export type EventAction =
  | 'ticket.created'
  | 'ticket.updated'
  | 'ticket.deleted'
  | 'ticket.restored'
  | 'ticket.split'
  | 'ticket.merged'
  | 'ticket.unmerged'
  | 'ticket.linked'
  | 'ticket.unlinked'
  | 'ticket.watched'
  | 'ticket.unwatched'
  | 'notices.read'
  | 'notices.set'
  | 'message.created'
  | 'attachment.deleted'
  | 'user.created'
  | 'user.updated'
  | 'user.erased'
  | 'user.invited'
  | 'user.invitationAccepted'
  | 'auth.login'
  | 'auth.logout'
  | 'auth.refused'
  | 'auth.refreshReuse'
  | 'auth.passwordChanged'
  | 'access.denied'
  | 'endpoint.created'
  | 'endpoint.updated'
  | 'endpoint.deleted'
  | 'endpoint.secretRotated'
  | 'endpoint.tested'
  | 'delivery.replayed'
  | 'screens.updated'
  | 'settings.changed'
  | 'view.created'
  | 'view.updated'
  | 'view.deleted'
  | 'team.created'
  | 'team.updated'
  | 'team.deleted'
  | 'user.availabilityChanged'
  | 'field.created'
  | 'field.updated'
  | 'tag.updated'
  | 'tag.renamed'
  | 'tag.merged'
  | 'tag.deleted'
  | 'tag.moved'
  | 'macro.created'
  | 'macro.updated'
  | 'macro.deleted'
  | 'macro.applied'
  | 'workflow.delivered'
  | 'workflow.callback'
  | 'workflow.callbackRefused'
  | 'workflow.failed'
  | 'workflow.overdue'
  | 'user.imported'
  | 'ticket.imported'
  | 'message.imported'
  | 'history.imported'
  | 'import.finished';
