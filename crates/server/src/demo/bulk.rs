//! Many tickets for measurements: variations of a company's own, made as fast as the store takes them.

use std::time::Duration;

use flowbit_domain::{
    Principal, Role, TenantCtx,
    session::FindLogin,
    text::fold_email,
    ticket::{CreateTicket, NewTicket, Priority},
};
use futures_util::future::try_join_all;

use super::{
    DemoError, Stage,
    play::{origin, principal},
    script::{self, Script},
};

/// Commands under way at once: they share commits.
const AT_ONCE: usize = 512;
/// Over how long a time the tickets are spread.
const SPREAD: Duration = Duration::from_secs(56 * 24 * 3600);

/// What was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    /// How many tickets.
    pub(crate) tickets: usize,
    /// In what time.
    pub(crate) took: Duration,
}

/// Makes `count` tickets.
pub(super) async fn make(
    stage: &Stage,
    ctx: &TenantCtx,
    script: &Script,
    count: usize,
) -> Result<Made, DemoError> {
    let people = people(stage, ctx, script).await?;
    let requesters: Vec<&Principal> = people.iter().filter(|p| !p.role.is_staff()).collect();
    let staff: Vec<&Principal> = people.iter().filter(|p| p.role == Role::Agent).collect();
    if requesters.is_empty() || staff.is_empty() {
        return Err(DemoError::NotDemo("the company has no requesters or no agents".to_owned()));
    }
    // A company without a story of its own borrows LogisticsCo's.
    let texts = if script.tickets.is_empty() {
        script::all()?.into_iter().next().map(|s| s.tickets).unwrap_or_default()
    } else {
        script.tickets.clone()
    };
    let began = tokio::time::Instant::now();
    let spread = i64::try_from(SPREAD.as_millis()).unwrap_or(i64::MAX);
    let chunks = count.div_ceil(AT_ONCE);
    for chunk in 0..chunks {
        let done = i64::try_from(chunk).unwrap_or(i64::MAX);
        let all = i64::try_from(chunks).unwrap_or(i64::MAX).max(1);
        stage.clock.set(stage.now.plus_ms(-spread + spread / all * done));
        let numbers = chunk * AT_ONCE..count.min((chunk + 1) * AT_ONCE);
        let writes = numbers.map(|n| {
            // Staff raise some themselves: only they can assign at once.
            let by = if n % 3 == 0 { requesters[n % requesters.len()] } else { staff[n % staff.len()] };
            let text = &texts[n % texts.len()];
            let assignee = (by.role.is_staff() && n % 4 != 1).then(|| staff[(n / 7) % staff.len()].user);
            let input = NewTicket {
                title: format!("{} ({})", text.title, n + 1),
                description: text.text.trim().to_owned(),
                priority: Some(
                    [Priority::Normal, Priority::Low, Priority::High, Priority::Urgent][(n / 5) % 4],
                ),
                tags: text.tags.clone(),
                assignee_id: assignee,
                team_id: None,
                custom_fields: None,
                attachments: Vec::new(),
            };
            let command =
                CreateTicket { principal: by.clone(), origin: origin(by), input, idempotency: None };
            stage.store.write(ctx, command)
        });
        try_join_all(writes).await?;
    }
    stage.clock.set(stage.now);
    Ok(Made { tickets: count, took: began.elapsed() })
}

/// Those of the script's people who are still there.
async fn people(stage: &Stage, ctx: &TenantCtx, script: &Script) -> Result<Vec<Principal>, DemoError> {
    let mut people = Vec::new();
    for person in &script.company.people {
        let found = stage.store.read(ctx, FindLogin { email: fold_email(&person.email) }).await?;
        if let Some(login) = found.filter(|login| login.active) {
            people.push(principal(ctx, login.user, &person.name, person.role));
        }
    }
    Ok(people)
}
