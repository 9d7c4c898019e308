//! Who may connect, and who may stay: the same proof as over HTTP.

use std::sync::Arc;

use flowbit_domain::session::CheckSession;
use serde::Deserialize;
use socketioxide::{
    SocketIo,
    extract::{Extension, SocketRef, TryData},
    handler::ConnectHandler,
};

use super::{
    hub::{Desk, Farewell, Hub, Member},
    tail,
};
use crate::{
    app::App,
    identity::{self, Identity},
};

/// What a client shows when it connects.
#[derive(Deserialize)]
struct Ticket {
    token: String,
}

/// What a refused client is told; it learns no more than over HTTP.
const REFUSED: &str = "unauthenticated";

/// Opens the namespace. Clients are let in by [`admit`] and seated by [`welcome`].
///
/// What a socket answers to is registered while it is being admitted: the answer to its connecting
/// leaves before it is seated, and a client may be gone again in between.
pub(super) fn open(io: &SocketIo, app: &App, hub: &Arc<Hub>) {
    let admitting = (app.clone(), Arc::clone(hub));
    let admit = move |socket: SocketRef, TryData(ticket): TryData<Ticket>| {
        let (app, hub) = admitting.clone();
        async move { admit(&app, &hub, &socket, ticket.ok()).await }
    };
    let seating = (app.clone(), io.clone(), Arc::clone(hub));
    let welcome = move |socket: SocketRef, Extension(pass): Extension<Pass>| {
        let (app, io, hub) = seating.clone();
        async move { welcome(app, io, hub, socket, pass).await }
    };
    io.ns("/", welcome.with(admit));
}

/// What an admitted socket carries.
#[derive(Clone)]
struct Pass(Identity);

async fn admit(
    app: &App,
    hub: &Arc<Hub>,
    socket: &SocketRef,
    ticket: Option<Ticket>,
) -> Result<(), &'static str> {
    let Some(Ticket { token }) = ticket else { return Err(REFUSED) };
    if app.stop.is_cancelled() {
        return Err("unavailable");
    }
    let identity = identity::authenticate(app, &token)
        .await
        .map_err(|problem| if problem.status().is_server_error() { "unavailable" } else { REFUSED })?;
    let tenant = identity.principal.tenant;
    socket.extensions.insert(Pass(identity));
    let hub = Arc::clone(hub);
    socket.on_disconnect(async move |socket: SocketRef| {
        if let Some(desk) = hub.desk(tenant) {
            desk.unseat(socket.id);
        }
    });
    Ok(())
}

async fn welcome(app: App, io: SocketIo, hub: Arc<Hub>, socket: SocketRef, Pass(identity): Pass) {
    let member = Member { socket, principal: identity.principal, expires_at: identity.expires_at };
    loop {
        // Open for commits before the ledger's end is read, so that none falls between.
        let (desk, fresh) = hub.open_desk(member.principal.tenant);
        if fresh {
            app.tasks.spawn(tail::follow(app.clone(), io.clone(), Arc::clone(&hub), Arc::clone(&desk)));
        }
        let seq = match app.store.ledger_seq(&desk.ctx).await {
            Ok(seq) => seq,
            Err(error) => {
                tracing::warn!(customerId = %member.principal.tenant, %error, "a socket can't be served");
                let _ = member.socket.disconnect();
                return;
            }
        };
        if desk.seat(&member, seq) {
            // Its session may have ended between its admission and now, when nobody looked at it.
            look_again(&app, &hub, &desk, vec![member]).await;
            return;
        }
    }
}

/// Cuts those whose session is over or whose role is another by now.
pub(super) async fn look_again(app: &App, hub: &Hub, desk: &Desk, members: Vec<Member>) {
    let mut revoked = Vec::new();
    for member in members {
        let question = CheckSession { session: member.principal.session, user: member.principal.user };
        let good = match app.store.read(&desk.ctx, question).await {
            Ok(Some(live)) => live.principal.role == member.principal.role,
            Ok(None) => false,
            Err(error) => {
                // Better to make it connect again than to go on telling it what it may not know.
                tracing::warn!(customerId = %desk.ctx.tenant(), %error, "a socket's session can't be looked at");
                false
            }
        };
        if !good {
            desk.unseat(member.socket.id);
            revoked.push(member);
        }
    }
    hub.cut(revoked, Farewell::Revoked);
}
