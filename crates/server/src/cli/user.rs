//! `flowbit user …`: people, on the operator's authority.

use flowbit_domain::user::check_password;

use super::{Outcome, args::NewUserArgs, door, errand::Errand, secret};
use crate::config::Config;

pub(super) async fn create(config: &Config, new: &NewUserArgs) -> Outcome {
    let password = if new.password_stdin { Some(secret::read_password()?) } else { None };
    let NewUserArgs { tenant, email, name, role, .. } = new;
    let (tenant, email, name, role) = (tenant.clone(), email.clone(), name.clone(), *role);
    door::perform(config, Errand::AddPerson { tenant, email, name, role, password }).await
}

pub(super) async fn reset_password(config: &Config, slug: &str, email: &str) -> Outcome {
    let password = secret::read_password()?;
    check_password("the password", &password)?;
    let (tenant, email) = (slug.to_owned(), email.to_owned());
    door::perform(config, Errand::ResetPassword { tenant, email, password }).await
}

pub(super) async fn erase(config: &Config, slug: &str, email: &str, texts: bool) -> Outcome {
    let (tenant, email) = (slug.to_owned(), email.to_owned());
    door::perform(config, Errand::ErasePerson { tenant, email, texts }).await
}
