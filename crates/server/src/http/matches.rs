//! What of tickets that a search has found matches.

use axum::{extract::State, http::Uri};
use flowbit_domain::{
    id::TicketId,
    text::Checks,
    ticket::{FindMatches, MATCHES_MAX, TicketMatches},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, parse_query},
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find_matches))
}

/// What was searched for, and in which tickets.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MatchesQuery {
    /// The words, as the list of tickets was asked for.
    #[param(max_length = 200)]
    q: Option<String>,
    /// The tickets' ids, separated by commas, at most 100.
    ids: Option<String>,
}

impl MatchesQuery {
    fn ids(&self) -> Result<Vec<TicketId>, Problem> {
        let mut checks = Checks::default();
        let mut ids: Vec<TicketId> = Vec::new();
        let texts = self.ids.as_deref().filter(|ids| !ids.is_empty());
        for (at, text) in texts.into_iter().flat_map(|ids| ids.split(',')).enumerate() {
            if at == MATCHES_MAX {
                checks.fail("ids", format!("must be at most {MATCHES_MAX}"));
                break;
            }
            match text.trim().parse() {
                Ok(id) if ids.contains(&id) => {}
                Ok(id) => ids.push(id),
                Err(_) => {
                    checks.fail("ids", "must be ids of tickets, separated by commas");
                    break;
                }
            }
        }
        if self.q.as_deref().is_some_and(|q| q.chars().count() > 200) {
            checks.fail("q", "must be at most 200 characters");
        }
        checks.finish()?;
        Ok(ids)
    }
}

/// Says where in tickets that `q` has found its words stand, with the text around: as far as you may read it. Only the
/// tickets that you may see are answered. `ranges` count in UTF-16 code units, as JavaScript slices strings.
#[utoipa::path(get, path = "/api/tickets/matches", operation_id = "find_matches", tag = "tickets",
    params(MatchesQuery), responses((status = 200, description = "What matches", body = TicketMatches)))]
async fn find_matches(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<TicketMatches>, Problem> {
    let query: MatchesQuery = parse_query(uri.query().unwrap_or_default())?;
    let ids = query.ids()?;
    let find = FindMatches { principal: caller.principal(), text: query.q.unwrap_or_default(), ids };
    Ok(Json(app.store.read(&caller.ctx, find).await?))
}
