/** Macros by `/`, a field that is needed to resolve, tags with colours: as an agent uses them and an admin keeps them. */
import {
  composer,
  expect,
  expectAccessible,
  expectWritten,
  LOGISTICS,
  make,
  openTicket,
  test,
} from './desk.ts';

interface Ticket {
  id: string;
  status: string;
  tags: string[];
  customFields: Record<string, unknown>;
}

test('a macro answers and changes the ticket by the keyboard alone', async ({ browser, desk }) => {
  const api = await desk.api(LOGISTICS);
  await make(api, '/api/macros', {
    name: 'Ask for the order number',
    body: 'Hello {{requester.firstName}}, which order is #{{ticket.number}} about?',
    shared: true,
    actions: { status: 'waiting', priority: null, addTags: ['asked'], removeTags: [], assignee: 'me' },
  });
  const ticket = await make<Ticket & { number: number; requester: { name: string } }>(api, '/api/tickets', {
    title: 'Where is my pallet?',
  });
  const page = await desk.signIn(browser, LOGISTICS);
  const other = await desk.signIn(browser, LOGISTICS);
  await openTicket(page, ticket);
  await openTicket(other, ticket);

  await page.keyboard.press('r');
  await page.keyboard.press('/');
  await expect(page.getByRole('combobox', { name: 'Macros' })).toBeFocused();
  await page.keyboard.type('order');
  await page.keyboard.press('Enter');
  const said = `Hello ${ticket.requester.name.split(' ')[0]}, which order is #${ticket.number} about?`;
  await expectWritten(composer(page).getByRole('textbox'), said);
  await expect(composer(page)).toContainText('Waiting, to me, + asked');
  await expectAccessible(page, 'a macro in the composer');
  expect((await api.get<Ticket>(`/api/tickets/${ticket.id}`)).status, 'not before it is sent').toBe('open');
  // Whom one adds to it by the button is named as in any answer, also right after a word.
  await page.getByRole('button', { name: 'Mention somebody' }).click();
  await page.keyboard.type('Anna');
  await page.keyboard.press('Enter');
  await expectWritten(composer(page).getByRole('textbox'), `${said} @Anna Berg `);
  await page.keyboard.press('Control+Enter');

  for (const one of [page, other]) {
    await expect(one.getByRole('region', { name: 'Conversation' })).toContainText(said);
    await expect(one.getByRole('region', { name: 'Conversation' }).locator('mark')).toHaveText('@Anna Berg');
    await expect(one.getByRole('region', { name: 'History' })).toContainText(
      'applied the macro “Ask for the order number”',
    );
  }
  const after = await api.get<Ticket>(`/api/tickets/${ticket.id}`);
  expect([after.status, after.tags]).toEqual(['waiting', ['asked']]);

  // A stroke that was no macro stays one.
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  await expectWritten(composer(page).getByRole('textbox'), '/');
  for (const one of [page, other]) await one.context().close();
});

test('a field that is needed to resolve is asked for, and filled in at the side', async ({
  browser,
  desk,
}) => {
  const api = await desk.api(LOGISTICS);
  const field = await make<{ id: string }>(api, '/api/admin/fields', {
    key: 'cause',
    label: 'Cause',
    kind: 'choice',
    options: ['Carrier', 'Warehouse'],
    required: 'solve',
    shownToRequesters: false,
  });
  const ticket = await make<Ticket>(api, '/api/tickets', { title: 'Pallet 7 is late' });
  const page = await desk.signIn(browser, LOGISTICS);
  await page.setViewportSize({ width: 1500, height: 900 });
  await openTicket(page, ticket);
  const fields = page.getByRole('region', { name: 'Fields' });
  await expect(fields).toContainText('Before this can be resolved: Cause');

  await page.keyboard.press('s');
  await page.keyboard.type('resolved');
  await page.keyboard.press('Enter');
  await expect(page.getByText('"Cause" must have a value')).toBeVisible();
  expect((await api.get<Ticket>(`/api/tickets/${ticket.id}`)).status).toBe('open');

  await fields.getByRole('combobox', { name: 'Cause' }).click();
  await page.getByRole('option', { name: 'Carrier' }).click();
  await expect(fields).not.toContainText('Before this can be resolved');
  await expect
    .poll(async () => (await api.get<Ticket>(`/api/tickets/${ticket.id}`)).customFields)
    .toEqual({ cause: 'Carrier' });
  const resolve = await api.call('PATCH', `/api/tickets/${ticket.id}`, { status: 'resolved' });
  expect(resolve.status, resolve.text).toBe(200);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `fields, ${colorScheme}`);
  }
  // Of no ticket of other tests it is asked.
  const off = await api.call('PATCH', `/api/admin/fields/${field.id}`, { active: false });
  expect(off.status, off.text).toBe(200);
  await page.context().close();
});

test('an admin keeps macros, fields and tags', async ({ browser, desk }) => {
  const api = await desk.api(LOGISTICS);
  const ticket = await make<Ticket>(api, '/api/tickets', { title: 'Refund, please', tags: ['refund'] });
  const page = await desk.signIn(browser, LOGISTICS);
  await page.goto(`${desk.url}/desk`);

  await page.getByRole('button', { name: 'New macro' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Goodbye');
  await dialog.getByRole('textbox', { name: 'Text' }).fill('Bye {{requester.nickname}}');
  await dialog.getByRole('button', { name: 'Create macro' }).click();
  await expect(dialog).toContainText('{{requester.nickname}} is no placeholder');
  await dialog.getByRole('textbox', { name: 'Text' }).fill('Bye {{requester.name}}');
  await dialog.getByRole('button', { name: 'Create macro' }).click();
  await expect(page.getByRole('table', { name: 'Macros' })).toContainText('Goodbye');

  await page.getByRole('link', { name: 'Fields', exact: true }).click();
  await page.getByRole('button', { name: 'Define a field' }).first().click();
  await dialog.getByLabel('Label').fill('Order number');
  await dialog.getByLabel('Key').fill('orderNumber');
  await dialog.getByRole('button', { name: 'Define field' }).click();
  await expect(page.getByRole('table', { name: 'Fields' })).toContainText('Order number');

  await page.getByRole('link', { name: 'Tags' }).click();
  await page.getByRole('button', { name: 'refund' }).click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('money back');
  await dialog.getByRole('radio', { name: 'Red' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('table', { name: 'Tags' })).toContainText('money back');
  expect((await api.get<Ticket>(`/api/tickets/${ticket.id}`)).tags).toEqual(['money back']);

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const path of ['/desk', '/desk/fields', '/desk/tags', '/desk/new', '/desk/fields/new']) {
      await page.goto(desk.url + path);
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      await expectAccessible(page, `${path}, ${colorScheme}`);
    }
  }
  await page.context().close();
});
