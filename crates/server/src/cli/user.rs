//! `flowbit user …`: people, on the operator's authority.

use std::sync::Arc;

use flowbit_domain::{
    time::Clock,
    user::{Authority, check_password},
};
use flowbit_store::{Mode, Store};

use super::{Outcome, args::NewUserArgs, context, find_tenant, open_store, operator, say, secret};
use crate::{
    ambient::{SystemClock, SystemRandomness},
    config::Config,
    identity::{
        keys::{Keys, Purpose},
        password::Passwords,
        people::{self, NewPerson},
        tokens::InvitationClaims,
    },
};

pub(super) async fn create(config: &Config, new: &NewUserArgs) -> Outcome {
    let password = if new.password_stdin { Some(secret::read_password()?) } else { None };
    let store = open_store(config, Mode::Exclusive).await?;
    let outcome = add(config, &store, new, password).await;
    store.close().await;
    outcome
}

async fn add(config: &Config, store: &Store, new: &NewUserArgs, password: Option<String>) -> Outcome {
    let tenant = find_tenant(store, &new.tenant).await?;
    let person = NewPerson { email: new.email.clone(), name: new.name.clone(), role: new.role, password };
    let ctx = context(&tenant);
    let added =
        people::add_person(store, &passwords(), &ctx, Authority::Operator, operator(), person).await?;
    say(format!("added {} to {} as {}", added.user.email, tenant.slug, added.user.role.as_str()))?;
    if let Some(invitation) = added.invitation {
        let keys = Keys::load(store.control().clone(), Arc::new(SystemClock), config.origin()).await?;
        let claims =
            InvitationClaims { customer_id: tenant.id, user_id: invitation.user, jti: invitation.id };
        let lifetime = invitation.until.0.saturating_sub(SystemClock.now().0);
        let token = keys.sign(Purpose::Invitation, lifetime, &claims)?;
        say(format!("they choose their password here, until {}:", invitation.until))?;
        say(format!("{}/invite#{token}", config.origin()))?;
    }
    Ok(())
}

pub(super) async fn reset_password(config: &Config, slug: &str, email: &str) -> Outcome {
    let password = secret::read_password()?;
    check_password("the password", &password)?;
    let store = open_store(config, Mode::Exclusive).await?;
    let outcome = async {
        let tenant = find_tenant(&store, slug).await?;
        let ctx = context(&tenant);
        people::reset_password(&store, &passwords(), &ctx, operator(), email.to_owned(), &password)
            .await
            .map_err(|error| match error {
                flowbit_domain::Error::NotFound => {
                    super::Failure::new(format!("there is no {email} in {slug}"))
                }
                error => error.into(),
            })?;
        say(format!("the password of {email} is set; all their sessions have ended"))
    }
    .await;
    store.close().await;
    outcome
}

fn passwords() -> Passwords {
    Passwords::new(Arc::new(SystemRandomness::default()))
}
