//! Who acts: a person who has signed in, a company's workflow, or Flowbit itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::id::{SessionId, TenantId, UserId};

/// What a person may do in their company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Raises tickets and sees only their own.
    User,
    /// Works on all tickets.
    Agent,
    /// Everything of the company, administration included.
    Admin,
}

impl Role {
    /// The name as in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::User, Self::Agent, Self::Admin].into_iter().find(|r| r.as_str() == name)
    }

    /// Works for the company rather than asking it for help.
    #[must_use]
    pub fn is_staff(self) -> bool {
        self != Self::User
    }
}

/// A person whose token and session have been verified for this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Their company.
    pub tenant: TenantId,
    /// They themselves.
    pub user: UserId,
    /// Their name as shown in the ledger.
    pub name: String,
    /// What they may do, as the store has it now (not as an old token says).
    pub role: Role,
    /// The session that their token belongs to.
    pub session: SessionId,
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The person's or endpoint's id; null for the system and for unknown people.
    #[schema(required)]
    pub id: Option<Uuid>,
    /// A name to show.
    pub name: String,
}

/// Kinds of actors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ActorKind {
    /// A person.
    User,
    /// A program with a token of its own.
    ApiToken,
    /// A company's workflow, through its callback.
    Workflow,
    /// Flowbit itself or its operator.
    System,
}

impl ActorKind {
    /// The name as in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiToken => "apiToken",
            Self::Workflow => "workflow",
            Self::System => "system",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::User, Self::ApiToken, Self::Workflow, Self::System].into_iter().find(|k| k.as_str() == name)
    }
}

impl Actor {
    /// The system, doing something by itself.
    #[must_use]
    pub fn system() -> Self {
        Self { kind: ActorKind::System, id: None, name: "Flowbit".into() }
    }

    /// The operator at the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self { kind: ActorKind::System, id: None, name: "Operator".into() }
    }

    /// A person.
    #[must_use]
    pub fn user(id: UserId, name: &str) -> Self {
        Self { kind: ActorKind::User, id: Some(id.0), name: name.to_owned() }
    }
}

impl From<&Principal> for Actor {
    fn from(p: &Principal) -> Self {
        Self::user(p.user, &p.name)
    }
}

/// Who asks, and from where: what each changing use-case is told.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// The client's address, if it came over the network.
    pub ip: Option<String>,
    /// The request's id, for tracing an event back to its request.
    pub request_id: Option<String>,
}

impl Origin {
    /// Flowbit's own work, from no request.
    #[must_use]
    pub fn system() -> Self {
        Self { actor: Actor::system(), ip: None, request_id: None }
    }
}
