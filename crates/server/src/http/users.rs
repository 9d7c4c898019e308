//! People of a company, for its admins.

use axum::{extract::State, http::StatusCode};
use flowbit_domain::{
    Role, Timestamp,
    cursor::Page,
    id::UserId,
    patch,
    user::{Authority, EraseUser, Invitation, InviteUser, ListUsers, UpdateUser, User, UserPatch},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Path, Query},
    page_limit,
    problem::Problem,
};
use crate::{
    app::App,
    identity::{
        caller::{Admin, Caller},
        keys::Purpose,
        people::{NewPerson, add_person, erase_person},
        tokens::InvitationClaims,
    },
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_users, create_user))
        .routes(routes!(update_user))
        .routes(routes!(invite_user))
        .routes(routes!(erase_user))
}

/// A page of people.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UsersQuery {
    /// Letters that name or address contain.
    q: Option<String>,
    /// At most how many, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// A person to add.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateUserRequest {
    /// The address by which they will sign in.
    #[schema(max_length = 254, example = "ada@example.com")]
    email: String,
    /// Their name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What they may do.
    role: Role,
    /// Their password, at least 12 characters; without one they get an invitation link.
    #[serde(default)]
    #[schema(format = Password, min_length = 12)]
    password: Option<String>,
}

/// A link by which a person chooses a password, once. Shown only now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationLink {
    /// The link.
    url: String,
    /// Until when it is good.
    expires_at: Timestamp,
}

/// A person just added: their fields, the same once more as `user`, and their invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedUserBody {
    #[serde(flatten)]
    fields: User,
    /// The person.
    user: User,
    /// Their invitation; null when a password was given.
    #[schema(required)]
    invitation: Option<InvitationLink>,
}

/// Lists people by name.
#[utoipa::path(get, path = "/api/admin/users", operation_id = "list_users", tag = "admin", params(UsersQuery),
    responses((status = 200, description = "A page of people", body = Page<User>)))]
async fn list_users(
    State(app): State<App>,
    Admin(caller): Admin,
    Query(query): Query<UsersQuery>,
) -> Result<Json<Page<User>>, Problem> {
    let list = ListUsers {
        principal: caller.principal(),
        text: query.q,
        limit: page_limit(query.limit)?,
        cursor: query.cursor,
    };
    Ok(Json(app.store.read(&caller.ctx, list).await?))
}

/// Adds a person, with a password or by invitation.
#[utoipa::path(post, path = "/api/admin/users", operation_id = "create_user", tag = "admin",
    request_body = CreateUserRequest,
    responses((status = 201, description = "Added", body = CreatedUserBody)))]
async fn create_user(
    State(app): State<App>,
    Admin(caller): Admin,
    Json(body): Json<CreateUserRequest>,
) -> Result<(StatusCode, Json<CreatedUserBody>), Problem> {
    let CreateUserRequest { email, name, role, password } = body;
    let person = NewPerson { email, name, role, password };
    let by = Authority::Person(caller.principal());
    let created = add_person(&app.store, &app.passwords, &caller.ctx, by, caller.origin(), person).await?;
    let invitation = created.invitation.map(|i| link(&app, &caller, i)).transpose()?;
    let body = CreatedUserBody { fields: created.user.clone(), user: created.user, invitation };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Changes a person's name, role or state.
///
/// The last active admin can be neither disabled nor demoted: 409 `last_admin`. Disabling ends all
/// sessions of the person; a new role counts from their next request.
#[utoipa::path(patch, path = "/api/admin/users/{id}", operation_id = "update_user", tag = "admin",
    params(("id" = UserId, Path, description = "The person")), request_body = UserPatch,
    responses((status = 200, description = "Changed", body = User)))]
async fn update_user(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<UserId>,
    Json(patch): Json<UserPatch>,
) -> Result<Json<User>, Problem> {
    let by = Authority::Person(caller.principal());
    let update = UpdateUser { by, origin: caller.origin(), id, patch };
    Ok(Json(app.store.write(&caller.ctx, update).await?))
}

/// How much of a person is to go.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EraseUserRequest {
    /// Also what they wrote: their messages, and the texts of the tickets that they raised.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<bool>)]
    texts: bool,
}

/// What was erased.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErasedUserBody {
    /// Of how many events of the ledger the personal part was taken out.
    events: i64,
}

/// Forgets a person, for good.
///
/// Their account, name, address and sessions go, and the personal part of every event that they did or that names
/// them; the ledger says so, and its chain still verifies. Their tickets and messages stay, as somebody's. Nobody
/// erases themselves (409 `own_account`), nor the last active admin (409 `last_admin`).
#[utoipa::path(post, path = "/api/admin/users/{id}/erase", operation_id = "erase_user", tag = "admin",
    params(("id" = UserId, Path, description = "The person")), request_body = EraseUserRequest,
    responses((status = 200, description = "Erased", body = ErasedUserBody)))]
async fn erase_user(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<UserId>,
    Json(body): Json<EraseUserRequest>,
) -> Result<Json<ErasedUserBody>, Problem> {
    let by = Authority::Person(caller.principal());
    let erase = EraseUser { by, origin: caller.origin(), id, texts: body.texts };
    let erased = erase_person(&app.store, &caller.ctx, erase).await?;
    Ok(Json(ErasedUserBody { events: erased.events }))
}

/// Makes a new invitation link, which replaces an earlier one and also helps who forgot a password.
#[utoipa::path(post, path = "/api/admin/users/{id}/invitation", operation_id = "invite_user", tag = "admin",
    params(("id" = UserId, Path, description = "The person")),
    responses((status = 201, description = "The link", body = InvitationLink)))]
async fn invite_user(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<UserId>,
) -> Result<(StatusCode, Json<InvitationLink>), Problem> {
    let by = Authority::Person(caller.principal());
    let invitation = app.store.write(&caller.ctx, InviteUser { by, origin: caller.origin(), id }).await?;
    Ok((StatusCode::CREATED, Json(link(&app, &caller, invitation)?)))
}

/// The link. The token stands after `#`, which browsers send to nobody and no log gets to see.
fn link(app: &App, caller: &Caller, invitation: Invitation) -> Result<InvitationLink, Problem> {
    let claims = InvitationClaims {
        customer_id: caller.principal.tenant,
        user_id: invitation.user,
        jti: invitation.id,
    };
    let lifetime = invitation.until.0.saturating_sub(app.clock.now().0);
    let token = app
        .keys
        .sign(Purpose::Invitation, lifetime, &claims)
        .map_err(|e| Problem::internal(e.to_string()))?;
    Ok(InvitationLink {
        url: format!("{}/invite#{token}", app.config.origin()),
        expires_at: invitation.until,
    })
}
