//! Typed ids: a UUID that says what it names, so that a ticket's id can't be passed for a user's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = Uuid, format = "uuid")]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, uuid::Error> {
                s.parse().map(Self)
            }
        }

        impl From<$name> for crate::tx::Value {
            fn from(id: $name) -> Self {
                Self::Uuid(id.0)
            }
        }

        impl From<Option<$name>> for crate::tx::Value {
            fn from(id: Option<$name>) -> Self {
                id.map_or(Self::Null, |id| Self::Uuid(id.0))
            }
        }
    )+};
}

ids! {
    /// A customer company.
    TenantId,
    /// A person of one company.
    UserId,
    /// A ticket.
    TicketId,
    /// A message in a ticket's conversation.
    MessageId,
    /// An event of the ledger.
    EventId,
    /// A webhook endpoint.
    EndpointId,
    /// One event on its way to one endpoint.
    DeliveryId,
    /// A custom field.
    FieldId,
    /// A macro.
    MacroId,
    /// A team.
    TeamId,
    /// A sign-in on one device, until it ends.
    SessionId,
    /// A saved view.
    ViewId,
    /// A file that was attached, or waits to be.
    AttachmentId,
    /// What files hold.
    ContentId,
}
