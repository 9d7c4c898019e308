/** What the HTTP contract speaks of: tickets, people, events, deliveries and screens. */

export type Role = 'admin' | 'agent' | 'user';
export type TicketStatus = 'open' | 'in_progress' | 'waiting' | 'resolved' | 'closed';
export type TicketPriority = 'low' | 'normal' | 'high' | 'urgent';
export type WorkflowState = 'pending' | 'running' | 'done' | 'failed' | 'overdue';
export type DeliveryState = 'pending' | 'sending' | 'delivered' | 'dead';
export type TicketSort =
  | '-updatedAt'
  | 'updatedAt'
  | '-createdAt'
  | 'createdAt'
  | '-number'
  | 'number'
  | '-priority';

/** RFC 3339, UTC, milliseconds. */
export type Timestamp = string;
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Customer {
  id: string;
  slug: string;
  name: string;
  locale: 'en' | 'de';
  /** `#rrggbb`, as chosen by the company: not yet checked for contrast. */
  accentColor: string;
}

export interface SessionUser {
  id: string;
  email: string;
  name: string;
  role: Role;
  customerId: string;
}

export interface SessionBody {
  accessToken: string;
  tokenType: 'Bearer';
  /** Seconds. */
  expiresIn: number;
  user: SessionUser;
  customer: Customer;
}

export interface Me {
  user: SessionUser;
  customer: Customer;
}

export interface ScreenRemote {
  name: string;
  entry: string;
  module: string;
  integrity?: string | null;
}

export interface Screen {
  id: string;
  title: string;
  path: string;
  icon: string;
  remote: ScreenRemote;
}

export interface PersonRef {
  id: string;
  name: string;
}

export interface Assignee extends PersonRef {
  role: Role;
}

export interface TicketWorkflow {
  state: WorkflowState;
  updatedAt: Timestamp;
  deliveryId: string | null;
}

export interface Ticket {
  id: string;
  /** Counts from 1 in each company. */
  number: number;
  customerId: string;
  title: string;
  description: string;
  status: TicketStatus;
  priority: TicketPriority;
  tags: string[];
  requester: PersonRef;
  assignee: PersonRef | null;
  workflow: TicketWorkflow | null;
  customFields: { [key: string]: Json };
  messageCount: number;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  resolvedAt: Timestamp | null;
}

export interface TicketCounts {
  all: number;
  open: number;
  mine: number;
  unassigned: number;
  overdue: number;
  byStatus: Record<TicketStatus, number>;
}

export interface TicketQuery {
  /** One status or several, comma-separated. */
  status?: string;
  priority?: string;
  /** A user id, `me` or `none`. */
  assigneeId?: string;
  requesterId?: string;
  tag?: string;
  q?: string;
  workflow?: WorkflowState;
  sort?: TicketSort;
  limit?: number;
  cursor?: string;
}

export interface CreateTicket {
  title: string;
  description?: string;
  priority?: TicketPriority;
  tags?: string[];
  assigneeId?: string | null;
  customFields?: { [key: string]: Json };
}

export interface UpdateTicket {
  title?: string;
  description?: string;
  status?: TicketStatus;
  priority?: TicketPriority;
  assigneeId?: string | null;
  tags?: string[];
  /** The version that the change was made on; a stale one answers 409. */
  version?: number;
}

export interface Message {
  id: string;
  ticketId: string;
  author: { kind: 'user' | 'workflow' | 'system'; id: string | null; name: string };
  body: string;
  internal: boolean;
  createdAt: Timestamp;
}

export interface CreateMessage {
  body: string;
  internal?: boolean;
}

export type EventAction =
  | 'ticket.created'
  | 'ticket.updated'
  | 'ticket.deleted'
  | 'message.created'
  | 'user.created'
  | 'user.updated'
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
  | 'workflow.delivered'
  | 'workflow.callback'
  | 'workflow.callbackRefused'
  | 'workflow.failed'
  | 'workflow.overdue';

export interface LedgerEvent {
  seq: number;
  id: string;
  timestamp: Timestamp;
  /** An {@link EventAction}, or one that a newer server has added. */
  action: string;
  userId: string | null;
  customerId: string;
  ticketId: string | null;
  actor: { kind: 'user' | 'apiToken' | 'workflow' | 'system'; id: string | null; name: string };
  data: { [key: string]: Json };
}

export interface AuditItem extends LedgerEvent {
  ip: string | null;
  requestId: string | null;
  dataHash: string;
  prevHash: string;
  hash: string;
}

export interface AuditVerification {
  ok: boolean;
  size: number;
  head: string;
  firstBad: number | null;
}

export interface AuditCheckpoint {
  customerId: string;
  size: number;
  head: string;
  timestamp: Timestamp;
  keyId: string;
  publicKey: string;
  signature: string;
}

export interface AuditQuery {
  action?: string;
  userId?: string;
  ticketId?: string;
  from?: Timestamp;
  to?: Timestamp;
  limit?: number;
  cursor?: string;
  format?: 'json' | 'ndjson' | 'csv';
}

export interface AdminUser {
  id: string;
  email: string;
  name: string;
  role: Role;
  active: boolean;
  /** Has an invitation that was not yet accepted. */
  invited: boolean;
  lastLoginAt: Timestamp | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

export interface Invitation {
  /** Shown this once. */
  url: string;
  expiresAt: Timestamp;
}

export interface CreatedUser extends AdminUser {
  user: AdminUser;
  invitation: Invitation | null;
}

export interface Endpoint {
  id: string;
  url: string;
  description: string | null;
  events: string[];
  active: boolean;
  deadlineSeconds: number | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  consecutiveFailures: number;
  breakerOpenUntil: Timestamp | null;
  lastSuccessAt: Timestamp | null;
}

export interface EndpointWithSecrets extends Endpoint {
  /** `whsec_…`, signs deliveries. Shown this once. */
  secret: string;
  /** The header that both directions carry. Shown this once. */
  sharedSecret: string;
}

export interface CreateEndpoint {
  url: string;
  events: string[];
  active?: boolean;
  description?: string;
  deadlineSeconds?: number | null;
}

export interface Delivery {
  id: string;
  endpointId: string;
  endpointUrl: string;
  eventId: string;
  eventType: string;
  ticketId: string | null;
  state: DeliveryState;
  attemptCount: number;
  lastStatus: number | null;
  lastError: string | null;
  nextAttemptAt: Timestamp | null;
  deadlineAt: Timestamp | null;
  callbackAt: Timestamp | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

export interface DeliveryAttempt {
  number: number;
  at: Timestamp;
  status: number | null;
  durationMs: number;
  error: string | null;
  responseBody: string | null;
}

export interface DeliveryDetail extends Delivery {
  /** Secrets and the callback token are redacted. */
  request: { headers: { [name: string]: string }; body: Json };
  attempts: DeliveryAttempt[];
}

export interface AdminScreen extends Screen {
  roles: Role[];
  enabled: boolean;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string | null;
  requestId: string;
  errors?: { path: string; message: string }[] | null;
  /** Only with `tenant_required`. */
  tenants?: { slug: string; name: string }[] | null;
}
