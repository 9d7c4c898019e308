//! What users ask, as Goose plays it.

use std::sync::{Arc, OnceLock};

use anyhow::{Result, anyhow};
use goose::{config::GooseConfiguration, goose::GooseResponse, metrics::GooseMetrics, prelude::*};
use rand::Rng;
use serde_json::json;

use crate::{
    Plan,
    world::{Company, World},
};

/// Goose's transactions are plain functions: what they ask of, and where.
pub(crate) static WORLD: OnceLock<(Arc<World>, String)> = OnceLock::new();

/// The companies and the server's address.
#[expect(clippy::expect_used, reason = "set before anything is played")]
pub(crate) fn world() -> &'static (Arc<World>, String) {
    WORLD.get().expect("the world is made")
}

/// Plays a scenario and writes its report.
pub(crate) async fn play(plan: &Plan<'_>, users: usize, scenario: Scenario) -> Result<GooseMetrics> {
    let mut configuration = GooseConfiguration::parse_args_default::<&str>(&[]).map_err(failed)?;
    configuration.host = Some(world().1.clone());
    configuration.users = Some(users);
    configuration.increase_time = Some("1".to_owned());
    configuration.run_time = Some(plan.options.seconds.to_string());
    configuration.report_file = vec![plan.report.display().to_string()];
    configuration.no_telnet = true;
    configuration.no_websocket = true;
    configuration.no_reset_metrics = true;
    configuration.no_gzip = true;
    let attack = GooseAttack::initialize_with_config(configuration).map_err(failed)?;
    // Boxed: Goose keeps all of its state in it.
    Box::pin(attack.register_scenario(scenario).execute()).await.map_err(failed)
}

fn failed(error: GooseError) -> anyhow::Error {
    anyhow!("goose: {error}")
}

/// Asks as a company's agent. `name` is what it is counted under.
pub(crate) async fn ask(
    user: &mut GooseUser,
    company: &Company,
    method: GooseMethod,
    path: &str,
    name: &str,
    body: Option<String>,
) -> Result<GooseResponse, Box<TransactionError>> {
    let (token, _) = company
        .token(&world().1)
        .await
        .map_err(|error| Box::new(TransactionError::Custom(error.to_string())))?;
    let mut request = user
        .get_request_builder(&method, path)?
        .bearer_auth(token)
        .header("x-forwarded-for", company.address());
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body);
    }
    let request = GooseRequest::builder().method(method).path(path).name(name).set_request_builder(request);
    user.request(request.build()).await
}

/// Takes the whole answer, as a browser does.
async fn finish(company: &Company, answered: GooseResponse) {
    if let Ok(answer) = answered.response
        && answer.status().is_success()
        && let Ok(body) = answer.bytes().await
    {
        company.remember(&body);
    }
}

/// One thing that somebody at a desk does: mostly they look, sometimes they write.
pub(crate) async fn work(user: &mut GooseUser, company: &Company) -> TransactionResult {
    let dice = rand::rng().random_range(0..100);
    let known = company.a_ticket();
    let answered = match (dice, known) {
        (0..10, _) => {
            let body = json!({ "title": format!("Pallet {dice} is late"), "description": "Where is it?" });
            ask(user, company, GooseMethod::Post, "/api/tickets", "raise a ticket", Some(body.to_string()))
                .await?
        }
        (10..20, Some(ticket)) => {
            let body = json!({ "body": "It is on its way." }).to_string();
            let path = format!("/api/tickets/{ticket}/messages");
            ask(user, company, GooseMethod::Post, &path, "answer a ticket", Some(body)).await?
        }
        (20..50, Some(ticket)) => {
            let path = format!("/api/tickets/{ticket}");
            ask(user, company, GooseMethod::Get, &path, "look at a ticket", None).await?
        }
        (50..60, _) => {
            let path = "/api/tickets?q=pallet&limit=25";
            ask(user, company, GooseMethod::Get, path, "search", None).await?
        }
        _ => ask(user, company, GooseMethod::Get, "/api/tickets", "list", None).await?,
    };
    finish(company, answered).await;
    Ok(())
}

/// How many were asked, how many failed, and how many milliseconds 99 of a hundred took at most, over all names
/// but those that `skip`.
pub(crate) struct Summary {
    pub(crate) asked: usize,
    pub(crate) failed: usize,
    pub(crate) p99_ms: f64,
}

/// Sums up what Goose has counted.
pub(crate) fn sum_up(metrics: &GooseMetrics) -> Summary {
    let mut times: Vec<(u64, usize)> = Vec::new();
    let (mut asked, mut failed) = (0, 0);
    for request in metrics.requests.values() {
        asked += request.raw_data.counter;
        failed += request.fail_count;
        times.extend(request.raw_data.times_us.iter().map(|(time, count)| (*time, *count)));
    }
    times.sort_unstable();
    let mut left = asked.saturating_sub(asked / 100);
    let p99 = times.iter().find(|(_, count)| {
        left = left.saturating_sub(*count);
        left == 0
    });
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a short run")]
    let p99_ms = p99.map_or(0.0, |(time, _)| *time as f64 / 1000.0);
    Summary { asked, failed, p99_ms }
}
