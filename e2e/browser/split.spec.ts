/** A message that is about something else becomes a ticket of its own. */
import { AGENT, expect, expectAccessible, LOGISTICS, make, openTicket, test } from './desk.ts';

interface Ticket {
  id: string;
  number: number;
}

test('a message is split off, and both tickets lead to each other', async ({ browser, desk }) => {
  const api = await desk.api(LOGISTICS);
  const ticket = await make<Ticket>(api, '/api/tickets', { title: 'Where is my pallet?' });
  const said = 'The invoice is wrong as well.\nIt says twelve pallets.';
  await make(api, `/api/tickets/${ticket.id}/messages`, { body: said });
  await make(api, `/api/tickets/${ticket.id}/messages`, { body: 'A zebrafish, I think', internal: true });
  await make(await desk.api(AGENT), `/api/tickets/${ticket.id}/messages`, { body: 'I am looking into it.' });
  const page = await desk.signIn(browser, AGENT);
  const other = await desk.signIn(browser, LOGISTICS);
  await openTicket(page, ticket);
  await openTicket(other, ticket);

  // One message is public and its requester's: notes and answers can't be split off.
  const split = page.getByRole('button', { name: 'Split off as a new ticket' });
  await expect(split).toHaveCount(1);
  await split.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Split off as a new ticket' });
  const title = dialog.getByRole('textbox', { name: 'Title of the new ticket' });
  await expect(title).toBeFocused();
  await expect(title).toHaveValue('The invoice is wrong as well.');
  await expect(dialog).toContainText('It says twelve pallets.');
  await expectAccessible(page, 'splitting a message off');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  // The palette does what the button does, for what was asked last.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('split the requester');
  await page.keyboard.press('Enter');
  await expect(title).toBeFocused();
  await title.fill('Invoice');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Invoice' })).toBeFocused();
  const conversation = page.getByRole('region', { name: 'Conversation' });
  await expect(conversation).toContainText('It says twelve pallets.');
  await expect(conversation).toContainText(`split this off from #${ticket.number}`);
  await expect(page.getByRole('region', { name: 'History' })).toContainText(
    `split this off from #${ticket.number}`,
  );

  // The other one has the first ticket open: the line is there at once, and leads to the new ticket and back.
  const story = other.getByRole('region', { name: 'Conversation' });
  await story.getByRole('link', { name: /^split a message off as #/ }).click();
  await expect(other.getByRole('heading', { name: 'Invoice' })).toBeFocused();
  await story.getByRole('link', { name: `split this off from #${ticket.number}` }).click();
  await expect(other.getByRole('heading', { name: 'Where is my pallet?' })).toBeVisible();
  for (const one of [page, other]) await one.context().close();
});
