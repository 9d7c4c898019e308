//! The worker: gives companies their turns, hands their e-mails to the mail server, and waits while it is away.

use std::{collections::HashMap, sync::Arc, time::Duration};

use flowbit_domain::{
    Error, TenantCtx,
    control::{Tenant, TenantState},
    id::{EventId, TenantId, UserId},
    notice::{ListDueMail, MarkMailed, NextMail, ReadMail},
    time::Timestamp,
};
use lettre::message::Mailbox;
use tokio::{
    sync::mpsc::UnboundedReceiver,
    task::{Id, JoinError, JoinSet},
};

use super::{
    backoff::Backoff,
    letter::{Letter, screen_for},
    smtp::{Relay, Session, Trouble},
    unsubscribe_url,
};
use crate::{app::App, automation::agenda::Agenda};

/// So many companies at once, each with a connection to the mail server.
const TURNS: usize = 4;
/// So many e-mails in one turn of a company.
const PER_TURN: usize = 20;
/// Among so many of those who are due are looked for some that need not wait.
const LOOKED_AT: i64 = 10_000;
/// However far away the next moment is, the clock is looked at again after this.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// All companies are asked so often, should ever something not have been heard.
const RESCAN_MS: i64 = 10 * 60_000;
/// A company whose store does not answer is asked again after this.
const TROUBLE_MS: i64 = 5_000;
/// Whatever is due, also since long ago.
const EVER: Timestamp = Timestamp(0);
/// A mail server that is away is tried again after this, then after twice as long.
const AWAY_FIRST_MS: i64 = 2_000;
const AWAY_LONGEST_MS: i64 = 5 * 60_000;
/// An e-mail that it does not take now is.
const LATER_FIRST_MS: i64 = 60_000;
const LATER_LONGEST_MS: i64 = 60 * 60_000;
/// Turns under way get so long to end when the server stops.
const DRAIN: Duration = Duration::from_secs(8);

/// Whose e-mails are to be tried again, and when.
type Waiting = HashMap<UserId, Backoff>;

struct Parts {
    app: App,
    relay: Relay,
    from: Mailbox,
    delay_ms: i64,
}

/// What came of a company's turn.
struct Turn {
    tenant: TenantId,
    next: Option<Timestamp>,
    waiting: Waiting,
    /// Whether the mail server has taken anything.
    taken: bool,
    /// Whether it is away.
    away: bool,
}

pub(super) struct Worker {
    parts: Arc<Parts>,
    heard: UnboundedReceiver<TenantId>,
    agenda: Agenda,
    /// Companies being asked what waits.
    scans: JoinSet<Vec<(TenantId, Timestamp)>>,
    /// Turns under way.
    turns: JoinSet<Turn>,
    whose_turn: HashMap<Id, TenantId>,
    waiting: HashMap<TenantId, Waiting>,
    /// While the mail server is away.
    away: Backoff,
    /// `None` while another node leads, whose work it is.
    next_scan: Option<Timestamp>,
}

#[expect(clippy::disallowed_methods, reason = "the system's own work")]
fn ctx(tenant: TenantId) -> TenantCtx {
    TenantCtx::for_operator(tenant)
}

impl Worker {
    pub(super) fn new(
        app: App,
        relay: Relay,
        from: Mailbox,
        delay_ms: i64,
        heard: UnboundedReceiver<TenantId>,
    ) -> Self {
        Self {
            parts: Arc::new(Parts { app, relay, from, delay_ms }),
            heard,
            agenda: Agenda::default(),
            scans: JoinSet::new(),
            turns: JoinSet::new(),
            whose_turn: HashMap::new(),
            waiting: HashMap::new(),
            away: Backoff::default(),
            next_scan: None,
        }
    }

    fn now(&self) -> Timestamp {
        self.parts.app.clock.now()
    }

    /// Works until the server stops.
    pub(super) async fn run(mut self) {
        let stop = self.parts.app.stop.clone();
        let mut leadership = self.parts.app.store.leadership();
        self.lead(*leadership.borrow_and_update());
        loop {
            let pause = self.step();
            tokio::select! {
                () = stop.cancelled() => break,
                Some(tenant) = self.heard.recv() => self.hear(tenant),
                Ok(()) = leadership.changed() => self.lead(*leadership.borrow_and_update()),
                Some(turn) = self.turns.join_next_with_id() => self.end_turn(turn),
                Some(scan) = self.scans.join_next() => self.take_in(scan),
                () = tokio::time::sleep(pause) => {}
            }
        }
        let drained = tokio::time::timeout(DRAIN, async { while self.turns.join_next().await.is_some() {} });
        if drained.await.is_err() {
            tracing::warn!("e-mails under way were cut off; they may come twice");
        }
    }

    /// Begins or ceases to see to e-mails.
    fn lead(&mut self, leads: bool) {
        self.next_scan = leads.then(|| self.now());
        if !leads {
            self.agenda = Agenda::default();
            self.waiting.clear();
        }
    }

    /// What was committed now is not due before its delay is over.
    fn hear(&mut self, tenant: TenantId) {
        if self.next_scan.is_some() {
            self.agenda.plan(tenant, self.now().plus_ms(self.parts.delay_ms));
        }
    }

    /// Begins what can be begun, and says for how long there is nothing else.
    fn step(&mut self) -> Duration {
        let now = self.now();
        if self.next_scan.is_some_and(|at| now >= at) {
            self.next_scan = Some(now.plus_ms(RESCAN_MS));
            self.scans.spawn(scan(Arc::clone(&self.parts)));
        }
        let next = self.agenda.advance(now);
        let is_away = now < self.away.until();
        // One is enough to see whether the mail server is back.
        let at_once = if self.away.has_failed() { 1 } else { TURNS };
        while !is_away && self.turns.len() < at_once {
            let Some(tenant) = self.agenda.begin() else { break };
            let waiting = self.waiting.remove(&tenant).unwrap_or_default();
            let handle = self.turns.spawn(turn(Arc::clone(&self.parts), tenant, waiting));
            self.whose_turn.insert(handle.id(), tenant);
        }
        let back = is_away.then(|| self.away.until());
        let until = next.into_iter().chain(self.next_scan).chain(back).min();
        let left = until.map(|until| u64::try_from(until.0.saturating_sub(now.0)).unwrap_or(0).max(1));
        left.map_or(LONGEST_SLEEP, |ms| Duration::from_millis(ms).min(LONGEST_SLEEP))
    }

    fn take_in(&mut self, scan: Result<Vec<(TenantId, Timestamp)>, JoinError>) {
        match scan {
            Ok(found) if self.next_scan.is_some() => {
                found.into_iter().for_each(|(tenant, at)| self.agenda.plan(tenant, at));
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "asking the companies for e-mails failed within"),
        }
    }

    fn end_turn(&mut self, ended: Result<(Id, Turn), JoinError>) {
        let now = self.now();
        let turn = match ended {
            Ok((id, turn)) => {
                self.whose_turn.remove(&id);
                turn
            }
            Err(error) => {
                tracing::error!(%error, "a turn of e-mails failed within");
                if let Some(tenant) = self.whose_turn.remove(&error.id()) {
                    self.agenda.end(tenant, Some(now.plus_ms(TROUBLE_MS)));
                }
                return;
            }
        };
        if turn.away {
            // Of several that find it away at once one counts.
            if now >= self.away.until() {
                self.away.fail(now, AWAY_FIRST_MS, AWAY_LONGEST_MS);
            }
        } else if turn.taken {
            self.away = Backoff::default();
        }
        let Turn { tenant, next, waiting, away, .. } = turn;
        if self.next_scan.is_none() {
            // Another node's work by now.
            return self.agenda.end(tenant, None);
        }
        if !waiting.is_empty() {
            self.waiting.insert(tenant, waiting);
        }
        self.agenda.end(tenant, if away { Some(self.away.until()) } else { next });
    }
}

/// Asks every company when its next e-mail is due.
async fn scan(parts: Arc<Parts>) -> Vec<(TenantId, Timestamp)> {
    let delay_ms = parts.delay_ms;
    let found = match parts.app.store.scan_tenants(|_| NextMail { delay_ms, after: EVER }).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "the companies could not be asked for e-mails");
            Vec::new()
        }
    };
    let due = |(tenant, next): (Arc<Tenant>, Result<Option<Timestamp>, Error>)| match next {
        Ok(next) => next.map(|at| (tenant.id, at)),
        Err(error) => {
            tracing::warn!(customerId = %tenant.id, %error, "a company could not be asked for e-mails");
            None
        }
    };
    found.into_iter().filter_map(due).collect()
}

/// One company's turn: sends what is due, if anything is.
async fn turn(parts: Arc<Parts>, tenant: TenantId, waiting: Waiting) -> Turn {
    let mut turn = Turn { tenant, next: None, waiting, taken: false, away: false };
    if let Err(error) = Box::pin(turn.work(&parts)).await {
        tracing::warn!(customerId = %tenant, %error, "e-mails could not be seen to");
        turn.next = Some(parts.app.clock.now().plus_ms(TROUBLE_MS));
    }
    turn
}

impl Turn {
    async fn work(&mut self, parts: &Parts) -> Result<(), Error> {
        let (app, tenant) = (&parts.app, self.tenant);
        let known = app.store.control().tenant(tenant).await?;
        let Some(company) = known.filter(|known| known.state == TenantState::Active) else {
            // When it is taken back into use, a scan finds what waits.
            return Ok(());
        };
        let (ctx, delay_ms) = (ctx(tenant), parts.delay_ms);
        self.next = app.store.read(&ctx, NextMail { delay_ms, after: EVER }).await?;
        if self.next.is_none_or(|next| next > app.clock.now()) {
            self.waiting.clear();
            return Ok(());
        }
        // Before the question: whoever is not in its answer is due later than this.
        let asked = app.clock.now();
        let due = app.store.read(&ctx, ListDueMail { delay_ms, limit: LOOKED_AT }).await?;
        // Who has read it meanwhile need not wait any more.
        self.waiting.retain(|user, _| due.contains(user));
        let now = app.clock.now();
        let ready: Vec<UserId> =
            due.into_iter().filter(|user| self.waiting.get(user).is_none_or(|w| w.until() <= now)).collect();
        let mut session = None;
        for user in ready.iter().take(PER_TURN) {
            if app.stop.is_cancelled() || self.away {
                break;
            }
            self.send(parts, &company, *user, &mut session).await?;
        }
        if let Some(session) = session {
            session.close().await;
        }
        let now = app.clock.now();
        self.next = if ready.len() > PER_TURN {
            Some(now)
        } else {
            // Those who are due wait for being tried again: they must not hide who is due next.
            let next = app.store.read(&ctx, NextMail { delay_ms, after: asked }).await?;
            next.into_iter().chain(self.waiting.values().map(Backoff::until)).min()
        };
        Ok(())
    }

    /// Sends one person's e-mail, and writes down that it was.
    async fn send(
        &mut self,
        parts: &Parts,
        company: &Tenant,
        user: UserId,
        session: &mut Option<Session>,
    ) -> Result<(), Error> {
        let (app, tenant) = (&parts.app, self.tenant);
        let ctx = ctx(tenant);
        let Some(mail) = app.store.read(&ctx, ReadMail { user }).await? else { return Ok(()) };
        let unsubscribe = unsubscribe_url(app, tenant, user).map_err(|e| Error::Internal(e.to_string()))?;
        let screens = app.registry.current().screens_of(&company.slug);
        let module = mail.notices.first().map_or("", |notice| notice.module);
        let screen = screen_for(&screens, module, mail.role);
        let letter = Letter {
            company,
            user,
            mail: &mail,
            from: &parts.from,
            origin: app.config.origin(),
            screen,
            unsubscribe: &unsubscribe,
            now: app.clock.now(),
        };
        let sent = match letter.write() {
            Ok(message) => hand_over(&parts.relay, session, &message).await,
            // No mail server would take it.
            Err(_) => Err(Trouble::Refused(0)),
        };
        let result = match sent {
            Ok(()) => {
                self.taken = true;
                self.waiting.remove(&user);
                tracing::info!(customerId = %tenant, userId = %user, notices = mail.events.len(), "sent an e-mail");
                "sent"
            }
            Err(Trouble::Refused(code)) => {
                self.waiting.remove(&user);
                tracing::warn!(customerId = %tenant, userId = %user, code, "an e-mail was refused for good");
                "refused"
            }
            Err(Trouble::Later(code)) => {
                let waiting = self.waiting.entry(user).or_default();
                waiting.fail(app.clock.now(), LATER_FIRST_MS, LATER_LONGEST_MS);
                tracing::info!(customerId = %tenant, userId = %user, code, "an e-mail is to be tried again");
                "failed"
            }
            Err(Trouble::Away(error)) => {
                self.away = true;
                tracing::warn!(error, "the mail server takes nothing; e-mails wait");
                "failed"
            }
        };
        metrics::counter!("flowbit_mails_total", "result" => result).increment(1);
        if result != "failed" {
            mark(app, &ctx, user, mail.events).await?;
        }
        Ok(())
    }
}

/// Hands an e-mail over on the session, or on a new one. One on which something went wrong is left.
async fn hand_over(
    relay: &Relay,
    session: &mut Option<Session>,
    message: &lettre::Message,
) -> Result<(), Trouble> {
    let mut open = match session.take() {
        Some(open) => open,
        None => relay.open().await?,
    };
    let sent = open.send(message).await;
    match sent {
        Ok(()) => *session = Some(open),
        Err(_) => open.close().await,
    }
    sent
}

/// Writes down that an e-mail is done with, and tries hard: it would be sent again.
async fn mark(app: &App, ctx: &TenantCtx, user: UserId, events: Vec<EventId>) -> Result<(), Error> {
    for pause in [100, 1_000, 5_000] {
        match app.store.write(ctx, MarkMailed { user, events: events.clone() }).await {
            Err(Error::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(pause)).await,
            marked => return marked,
        }
    }
    app.store.write(ctx, MarkMailed { user, events }).await
}
