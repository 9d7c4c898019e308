//! Teams: which a company has, their administration, and who of them is out of office.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use flowbit_domain::{
    id::{TeamId, UserId},
    team::{CreateTeam, DeleteTeam, ListTeams, NewTeam, Team, TeamList, TeamPatch, UpdateTeam},
    user::{Availability, OutOfOffice, SetAvailability},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cache,
    extract::{Json, Path, no_content},
    problem::Problem,
};
use crate::{
    app::App,
    identity::caller::{Admin, Caller},
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_teams))
        .routes(routes!(create_team))
        .routes(routes!(update_team, delete_team))
        .routes(routes!(set_own_availability))
        .routes(routes!(set_availability))
}

/// Whether somebody is there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AvailabilityBody {
    /// That they are out of office; null when they are not.
    #[schema(required)]
    out_of_office: Option<OutOfOffice>,
}

/// Lists your company's teams by name, with their members who work on tickets.
#[utoipa::path(get, path = "/api/teams", operation_id = "list_teams", tag = "tickets",
    responses((status = 200, description = "The teams", body = TeamList)))]
async fn list_teams(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        super::no_query(&uri)?;
        Ok(ListTeams { principal: caller.principal() })
    })
    .await
}

/// Makes a team.
#[utoipa::path(post, path = "/api/admin/teams", operation_id = "create_team", tag = "admin",
    request_body = NewTeam, responses((status = 201, description = "Made", body = Team)))]
async fn create_team(
    State(app): State<App>,
    Admin(caller): Admin,
    Json(input): Json<NewTeam>,
) -> Result<(StatusCode, Json<Team>), Problem> {
    let create = CreateTeam { principal: caller.principal(), origin: caller.origin(), input };
    Ok((StatusCode::CREATED, Json(app.store.write(&caller.ctx, create).await?)))
}

/// Changes a team: `memberIds` are all its members. With `version` it is 409 `conflict` if someone was faster.
#[utoipa::path(patch, path = "/api/admin/teams/{id}", operation_id = "update_team", tag = "admin",
    params(("id" = TeamId, Path, description = "The team")), request_body = TeamPatch,
    responses((status = 200, description = "Changed", body = Team)))]
async fn update_team(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<TeamId>,
    Json(patch): Json<TeamPatch>,
) -> Result<Json<Team>, Problem> {
    let update = UpdateTeam { principal: caller.principal(), origin: caller.origin(), id, patch };
    Ok(Json(app.store.write(&caller.ctx, update).await?))
}

/// Removes a team. While tickets of it are open, in progress or waiting it is 409 `team_has_tickets`; those that are
/// solved go on saying that they were the team's.
#[utoipa::path(delete, path = "/api/admin/teams/{id}", operation_id = "delete_team", tag = "admin",
    params(("id" = TeamId, Path, description = "The team")),
    responses((status = 204, description = "Removed")))]
async fn delete_team(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<TeamId>,
) -> Result<Response, Problem> {
    let delete = DeleteTeam { principal: caller.principal(), origin: caller.origin(), id };
    app.store.write(&caller.ctx, delete).await?;
    Ok(no_content())
}

/// Says that you are out of office, or back. Meanwhile no team's rule gives you tickets; by hand they can be.
#[utoipa::path(patch, path = "/api/me/availability", operation_id = "set_own_availability", tag = "session",
    request_body = Availability, responses((status = 200, description = "Said", body = AvailabilityBody)))]
async fn set_own_availability(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<Availability>,
) -> Result<Json<AvailabilityBody>, Problem> {
    let user = caller.principal.user;
    set(&app, &caller, user, input).await
}

/// Says that somebody is out of office, or back.
#[utoipa::path(patch, path = "/api/admin/users/{id}/availability", operation_id = "set_availability", tag = "admin",
    params(("id" = UserId, Path, description = "The person")), request_body = Availability,
    responses((status = 200, description = "Said", body = AvailabilityBody)))]
async fn set_availability(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<UserId>,
    Json(input): Json<Availability>,
) -> Result<Json<AvailabilityBody>, Problem> {
    set(&app, &caller, id, input).await
}

async fn set(
    app: &App,
    caller: &Caller,
    user: UserId,
    input: Availability,
) -> Result<Json<AvailabilityBody>, Problem> {
    let set = SetAvailability { principal: caller.principal(), origin: caller.origin(), user, input };
    let user = app.store.write(&caller.ctx, set).await?;
    Ok(Json(AvailabilityBody { out_of_office: user.out_of_office }))
}
