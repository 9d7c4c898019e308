/** Who else is at a ticket, and who writes: seen at once in the other agent's browser. */
import type { Page } from '@playwright/test';
import { AGENT, expect, expectAccessible, LOGISTICS, raiseOwn, test } from './desk.ts';

const composer = (page: Page) => page.getByRole('region', { name: 'Write' }).getByRole('textbox');
/** The line beside the number, in whatever language. */
const line = (page: Page) =>
  page
    .getByRole('region', { name: /^Ticket #/ })
    .locator('header [role=status]')
    .first();

test('two agents at one ticket see each other come, write, send and go', async ({ browser, desk }) => {
  const admin = await desk.api(LOGISTICS);
  const agent = await desk.api(AGENT);
  const name = async (one: typeof admin) => (await one.get<{ user: { name: string } }>('/api/me')).user.name;
  const [admins, agents] = [await name(admin), await name(agent)];
  const raised = await admin.call('POST', '/api/tickets', { title: 'Crate 12 is wet' });
  const { id } = JSON.parse(raised.text) as { id: string };
  // The first in the other's list, however many there are.
  await raiseOwn(agent, 'Crate 13 is dry');

  const first = await desk.signIn(browser, LOGISTICS);
  const second = await desk.signIn(browser, AGENT, { colorScheme: 'dark' });
  await first.goto(`${desk.url}/tickets/${id}`);
  await expect(composer(first)).toBeVisible();
  await expect(line(first)).toBeEmpty();
  await second.goto(`${desk.url}/tickets/${id}`);
  await expect(line(first)).toHaveText(`${agents} is here too`);
  await expect(line(second)).toHaveText(`${admins} is here too`);
  await expectAccessible(first, 'somebody else is here');

  await second.keyboard.press('r');
  await second.keyboard.type('On its way');
  await expect(line(first)).toHaveText(`${agents} is writing`);
  await expectAccessible(first, 'somebody else writes');
  await second.keyboard.press('Control+Enter');
  await expect(line(first)).toHaveText(`${agents} is here too`);

  // Who has another page before them is not here.
  await second.goto(desk.url);
  await expect(line(first)).toBeEmpty();
  await second.goBack();
  await expect(line(first)).toHaveText(`${agents} is here too`);

  // Nor who has opened another ticket, in the same page.
  await second.getByRole('list', { name: 'Tickets' }).getByText('Crate 13 is dry').click();
  await expect(second.getByRole('heading', { level: 1 })).toContainText('Crate 13 is dry');
  await expect(line(first)).toBeEmpty();
  await second.goBack();
  await expect(line(first)).toHaveText(`${agents} is here too`);
  // Who signs out has left, and whoever signs in next in that window is seen.
  await second.getByRole('button', { name: /^Menu of/ }).click();
  await second.getByRole('menuitem', { name: /sign out/i }).click();
  await expect(line(first)).toBeEmpty();
  await expect(line(first)).toBeEmpty();
  await second.context().close();
  await first.context().close();
});
