/** Teams: an admin makes one, tickets find its members, who is out of office is passed over, and others see it live. */
import { type Api, expect, expectAccessible, LOGISTICS, make, openTicket, RETAIL, test } from './desk.ts';

interface Ticket {
  id: string;
  number: number;
  team: { name: string } | null;
  assignee: { id: string; name: string } | null;
}

interface Person {
  id: string;
  name: string;
}

/** Two who work on tickets and belong to nothing yet. */
async function agents(api: Api): Promise<[Person, Person]> {
  const made: Person[] = [];
  for (const name of ['Ben Depot', 'Cleo Depot']) {
    const email = `${name.split(' ')[0]}.${Date.now()}@depot.example`.toLowerCase();
    const { user } = await make<{ user: Person }>(api, '/api/admin/users', { email, name, role: 'agent' });
    made.push(user);
  }
  return made as [Person, Person];
}

test('an admin makes a team, and its tickets find somebody who is there', async ({ browser, desk }) => {
  const api = await desk.api(LOGISTICS);
  const [ben, cleo] = await agents(api);
  const page = await desk.signIn(browser, LOGISTICS);
  const other = await desk.signIn(browser, LOGISTICS);
  await other.setViewportSize({ width: 1500, height: 900 });
  const foreign = await desk.api(RETAIL);
  const theirs = await desk.signIn(browser, RETAIL);
  await theirs.goto(`${desk.url}/desk/teams`);
  await expect(theirs.getByText('Noch kein Team')).toBeVisible();

  await page.goto(`${desk.url}/desk/teams`);
  await expect(page.getByRole('link', { name: 'Teams' })).toHaveAttribute('aria-current', 'page');
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Night shift');
  const members = dialog.getByRole('combobox', { name: 'Members' });
  for (const { name } of [ben, cleo]) {
    await members.fill(name);
    await page.getByRole('option', { name }).click();
  }
  await members.press('Escape');
  await dialog.getByRole('combobox', { name: 'Tickets go to' }).click();
  await page.getByRole('option', { name: 'Each in turn' }).click();
  await expectAccessible(page, 'the form of a team');
  await dialog.getByRole('button', { name: 'Create team' }).click();
  const table = page.getByRole('table', { name: 'Teams' });
  await expect(table).toContainText('Night shift');
  await expect(table).toContainText('Ben Depot, Cleo Depot');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `teams, ${colorScheme}`);
  }

  // By the keyboard; the second browser sees whom it found.
  const first = await make<Ticket>(api, '/api/tickets', { title: 'Pallet 7 is late' });
  await page.setViewportSize({ width: 1500, height: 900 });
  await openTicket(page, first);
  await openTicket(other, first);
  await page.keyboard.press('Shift+A');
  await page.keyboard.type('Night');
  await page.keyboard.press('Enter');
  for (const one of [page, other]) {
    const side = one.getByRole('complementary', { name: 'Details' });
    await expect(side.getByRole('button', { name: /^Team/ })).toContainText('Night shift');
    await expect(side.getByRole('button', { name: /^Assignee/ })).toContainText('Ben Depot');
    await expect(one.getByRole('region', { name: 'History' })).toContainText(
      'gave it to the team Night shift',
    );
  }

  // It would be Cleo's turn, who is away.
  const away = await api.call('PATCH', `/api/admin/users/${cleo.id}/availability`, { outOfOffice: true });
  expect(away.status, away.text).toBe(200);
  const teams = await api.get<{ items: { id: string; name: string }[] }>('/api/teams');
  const teamId = teams.items.find(({ name }) => name === 'Night shift')?.id;
  const second = await make<Ticket>(api, '/api/tickets', { title: 'Pallet 8 is late', teamId });
  expect(second.assignee?.name).toBe('Ben Depot');
  await other.keyboard.press('a');
  await expect(other.getByRole('option', { name: /Cleo Depot/ })).toContainText('out of office');
  await other.keyboard.press('Escape');

  // A form that somebody else was faster than does not save over them.
  await page.goto(`${desk.url}/desk/teams/${teamId}`);
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Night watch');
  const faster = await api.call('PATCH', `/api/admin/teams/${teamId}`, { memberIds: [ben.id] });
  expect(faster.status, faster.text).toBe(200);
  await expect(table).not.toContainText('Cleo Depot');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toContainText('Someone else changed this');

  // It can't be removed with work left.
  await page.goto(`${desk.url}/desk/teams`);
  await page.getByRole('button', { name: 'Delete Night shift' }).click();
  await dialog.getByRole('button', { name: 'Delete team' }).click();
  await expect(dialog).toContainText('give them to others first');
  await page.keyboard.press('Escape');

  // Another company sees nothing of it, and nothing has happened there.
  await expect(theirs.getByText('Noch kein Team')).toBeVisible();
  expect(await foreign.get<{ items: unknown[] }>('/api/teams')).toMatchObject({ items: [] });
  const heard = await foreign.call('GET', '/api/admin/audit?action=team.created');
  expect(JSON.parse(heard.text)).toMatchObject({ items: [] });
  for (const one of [page, other, theirs]) await one.context().close();
});

test('one’s own teams have a view, and one says oneself that one is away', async ({ browser, desk }) => {
  const api = await desk.api(LOGISTICS);
  const me = (await api.get<{ user: Person }>('/api/me')).user;
  const team = await make<{ id: string }>(api, '/api/admin/teams', {
    name: 'Front desk',
    assignment: 'by_load',
    memberIds: [me.id],
  });
  const ticket = await make<Ticket>(api, '/api/tickets', { title: 'For the front desk', teamId: team.id });
  expect(ticket.assignee?.id).toBe(me.id);
  const page = await desk.signIn(browser, LOGISTICS);
  await page
    .getByRole('navigation', { name: 'Views' })
    .getByRole('link', { name: /My teams/ })
    .click();
  await expect(page.getByRole('link', { name: /For the front desk/ })).toBeVisible();

  await page.getByRole('button', { name: /^Menu of/ }).click();
  await page.getByRole('menuitem', { name: 'Out of office' }).click();
  await expectAccessible(page, 'out of office');
  await page.getByRole('dialog').getByRole('button', { name: 'Go out of office' }).click();
  await expect(page.getByRole('button', { name: /^Menu of/ })).toContainText('You are out of office');
  const waiting = await make<Ticket>(api, '/api/tickets', { title: 'Waits', teamId: team.id });
  expect([waiting.team?.name, waiting.assignee]).toEqual(['Front desk', null]);
  await expect(page.getByRole('link', { name: /Waits/ })).toBeVisible();

  await page.getByRole('button', { name: /^Menu of/ }).click();
  await page.getByRole('menuitem', { name: 'Out of office' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'I am back' }).click();
  await expect(page.getByRole('button', { name: /^Menu of/ })).not.toContainText('out of office');
  await page.context().close();
});
