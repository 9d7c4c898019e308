/**
 * The routes of the HTTP contract as types, in the shape that openapi-typescript gives, so that
 * openapi-fetch checks every call's parameters, body and answer.
 */
import type {
  AdminScreen,
  AdminUser,
  Assignee,
  AuditCheckpoint,
  AuditItem,
  AuditQuery,
  AuditVerification,
  CreatedUser,
  CreateEndpoint,
  CreateMessage,
  CreateTicket,
  Delivery,
  DeliveryDetail,
  DeliveryState,
  Endpoint,
  EndpointWithSecrets,
  Invitation,
  LedgerEvent,
  Me,
  Message,
  Page,
  Problem,
  Role,
  Screen,
  SessionBody,
  Ticket,
  TicketCounts,
  TicketQuery,
  UpdateTicket,
} from './models';

type Answer<T> = { headers: { [name: string]: unknown }; content: { 'application/json': T } };
type Refusal = {
  headers: { [name: string]: unknown };
  content: { 'application/problem+json': Problem };
};
type Empty = { headers: { [name: string]: unknown }; content?: never };

type Call<Parameters, Body, Status extends number, Result> = {
  parameters: Parameters;
  responses: { [S in Status]: Result extends undefined ? Empty : Answer<Result> } & { default: Refusal };
} & (Body extends undefined
  ? { requestBody?: never }
  : { requestBody: { content: { 'application/json': Body } } });

type ById = { path: { id: string } };
type None = { query?: never; header?: never; path?: never; cookie?: never };

export interface paths {
  '/api/auth/login': {
    post: Call<None, { email: string; password: string; tenant?: string }, 200, SessionBody>;
  };
  '/api/auth/refresh': { post: Call<None, undefined, 200, SessionBody> };
  '/api/auth/logout': { post: Call<None, undefined, 204, undefined> };
  '/api/auth/accept-invitation': {
    post: Call<None, { token: string; password: string }, 200, SessionBody>;
  };
  '/api/me': { get: Call<None, undefined, 200, Me> };
  '/api/me/screens': { get: Call<None, undefined, 200, { screens: Screen[] }> };
  '/api/me/password': {
    post: Call<None, { currentPassword: string; newPassword: string }, 204, undefined>;
  };
  '/api/assignees': { get: Call<None, undefined, 200, { items: Assignee[] }> };
  '/api/tickets': {
    get: Call<{ query?: TicketQuery }, undefined, 200, Page<Ticket>>;
    post: Call<{ header?: { 'Idempotency-Key'?: string } }, CreateTicket, 201, Ticket>;
  };
  '/api/tickets/counts': { get: Call<None, undefined, 200, TicketCounts> };
  '/api/tickets/{id}': {
    get: Call<ById, undefined, 200, Ticket>;
    patch: Call<ById, UpdateTicket, 200, Ticket>;
    delete: Call<ById, undefined, 204, undefined>;
  };
  '/api/tickets/{id}/messages': {
    get: Call<ById & { query?: { limit?: number; cursor?: string } }, undefined, 200, Page<Message>>;
    post: Call<ById & { header?: { 'Idempotency-Key'?: string } }, CreateMessage, 201, Message>;
  };
  '/api/events': {
    get: Call<
      { query?: { after?: number; limit?: number; ticketId?: string } },
      undefined,
      200,
      { items: LedgerEvent[]; lastSeq: number }
    >;
  };
  '/api/admin/users': {
    get: Call<{ query?: { q?: string; limit?: number; cursor?: string } }, undefined, 200, Page<AdminUser>>;
    post: Call<None, { email: string; name: string; role: Role; password?: string }, 201, CreatedUser>;
  };
  '/api/admin/users/{id}': {
    patch: Call<ById, { name?: string; role?: Role; active?: boolean }, 200, AdminUser>;
  };
  '/api/admin/users/{id}/invitation': { post: Call<ById, undefined, 201, Invitation> };
  '/api/admin/audit': { get: Call<{ query?: AuditQuery }, undefined, 200, Page<AuditItem>> };
  '/api/admin/audit/checkpoint': { get: Call<None, undefined, 200, AuditCheckpoint> };
  '/api/admin/audit/verify': { get: Call<None, undefined, 200, AuditVerification> };
  '/api/admin/endpoints': {
    get: Call<{ query?: { limit?: number; cursor?: string } }, undefined, 200, Page<Endpoint>>;
    post: Call<None, CreateEndpoint, 201, EndpointWithSecrets>;
  };
  '/api/admin/endpoints/{id}': {
    patch: Call<ById, Partial<CreateEndpoint>, 200, Endpoint>;
    delete: Call<ById, undefined, 204, undefined>;
  };
  '/api/admin/endpoints/{id}/test': { post: Call<ById, undefined, 202, { deliveryId: string }> };
  '/api/admin/endpoints/{id}/rotate-secret': { post: Call<ById, undefined, 200, EndpointWithSecrets> };
  '/api/admin/deliveries': {
    get: Call<
      {
        query?: {
          state?: DeliveryState;
          endpointId?: string;
          ticketId?: string;
          limit?: number;
          cursor?: string;
        };
      },
      undefined,
      200,
      Page<Delivery>
    >;
  };
  '/api/admin/deliveries/{id}': { get: Call<ById, undefined, 200, DeliveryDetail> };
  '/api/admin/deliveries/{id}/replay': { post: Call<ById, undefined, 202, Delivery> };
  '/api/admin/screens': {
    get: Call<None, undefined, 200, { items: AdminScreen[] }>;
    patch: Call<
      None,
      { screens: { id: string; enabled?: boolean; roles?: Role[] }[] },
      200,
      { items: AdminScreen[] }
    >;
  };
}
