/** Changes to the company's screens before they are saved: order, who has them, on or off. Pure. */
import type { AdminScreen, Role } from '@flowbit/api';

/** A screen with the roles that the operator's registry allows for it. */
export type ScreenSetting = AdminScreen;

export interface Choice {
  enabled: boolean;
  roles: readonly Role[];
}

export interface Draft {
  order: readonly string[];
  choices: Readonly<Record<string, Choice>>;
}

/** Where screens are administered: it stays switched on for admins. */
export const SCREENS_MODULE = './Screens';

/** In which order roles are shown. */
export const ROLE_ORDER: readonly Role[] = ['admin', 'agent', 'user'];

export function draftOf(screens: readonly ScreenSetting[]): Draft {
  return {
    order: screens.map((screen) => screen.id),
    choices: Object.fromEntries(screens.map(({ id, enabled, roles }) => [id, { enabled, roles }])),
  };
}

/** The roles that may be chosen: those of the registry. */
export function allowedRoles(screen: ScreenSetting): Role[] {
  return ROLE_ORDER.filter((role) => screen.allowedRoles.includes(role));
}

/** Puts one screen at a place, from 0; beyond the ends it stops there. */
export function moveTo(draft: Draft, id: string, place: number): Draft {
  const from = draft.order.indexOf(id);
  const to = Math.min(draft.order.length - 1, Math.max(0, place));
  if (from < 0 || from === to) return draft;
  const order = draft.order.filter((other) => other !== id);
  order.splice(to, 0, id);
  return { ...draft, order };
}

export function choose(draft: Draft, id: string, change: Partial<Choice>): Draft {
  const before = draft.choices[id];
  if (!before) return draft;
  return { ...draft, choices: { ...draft.choices, [id]: { ...before, ...change } } };
}

/** Gives or takes a role, kept in the order of showing. */
export function withRole(roles: readonly Role[], role: Role, has: boolean): Role[] {
  return ROLE_ORDER.filter((one) => (one === role ? has : roles.includes(one)));
}

function sameRoles(a: readonly Role[], b: readonly Role[]): boolean {
  return a.length === b.length && a.every((role) => b.includes(role));
}

function sameOrder(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => b[index] === id);
}

export interface Changes {
  isReordered: boolean;
  /** Ids of the screens that are switched, and of those that other people will have. */
  switched: string[];
  shared: string[];
  count: number;
}

/** What a draft changes in what is saved. */
export function changesOf(saved: Draft, draft: Draft): Changes {
  const isReordered = !sameOrder(saved.order, draft.order);
  const ids = draft.order.filter((id) => saved.choices[id] && draft.choices[id]);
  const pairs = ids.map((id) => [id, saved.choices[id] as Choice, draft.choices[id] as Choice] as const);
  const switched = pairs.filter(([, before, after]) => before.enabled !== after.enabled).map(([id]) => id);
  const shared = pairs.filter(([, before, after]) => !sameRoles(before.roles, after.roles)).map(([id]) => id);
  return { isReordered, switched, shared, count: Number(isReordered) + switched.length + shared.length };
}

/** True if both say the same. */
export function sameDraft(a: Draft, b: Draft): boolean {
  return (
    sameOrder(a.order, b.order) &&
    a.order.every((id) => {
      const [one, other] = [a.choices[id], b.choices[id]];
      return one && other && one.enabled === other.enabled && sameRoles(one.roles, other.roles);
    })
  );
}

export interface ScreenPatch {
  id: string;
  enabled?: boolean;
  roles?: Role[];
}

/** The one request that saves a draft: all screens in their order, with what differs of each. */
export function toPatch(saved: Draft, draft: Draft): ScreenPatch[] {
  const { switched, shared } = changesOf(saved, draft);
  return draft.order.map((id) => {
    const choice = draft.choices[id];
    return {
      id,
      ...(choice && switched.includes(id) ? { enabled: choice.enabled } : {}),
      ...(choice && shared.includes(id) ? { roles: [...choice.roles] } : {}),
    };
  });
}

/** Refusals of a save by the id of the screen that they are about: `screens[2].roles`. */
export function refusalsById(
  patch: readonly ScreenPatch[],
  errors: readonly { path: string; message: string }[],
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const { path, message } of errors) {
    const index = /screens(?:\[|[./])(\d+)/.exec(path)?.[1];
    const id = index === undefined ? undefined : patch[Number(index)]?.id;
    if (id !== undefined) result[id] ??= message;
  }
  return result;
}
