//! What can happen. The names are public and stable.

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What happened. The names are public and stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $name),+ }
        impl Action {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The public name.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text),+ } }
        }
    };
}

actions! {
    /// A ticket was raised.
    TicketCreated = "ticket.created",
    /// Fields of a ticket changed.
    TicketUpdated = "ticket.updated",
    /// A ticket was deleted.
    TicketDeleted = "ticket.deleted",
    /// A deleted ticket was brought back.
    TicketRestored = "ticket.restored",
    /// A ticket was raised from a message of another; both have it.
    TicketSplit = "ticket.split",
    /// A ticket was merged into another; both have it.
    TicketMerged = "ticket.merged",
    /// A ticket that was merged into another stands for itself again; both have it.
    TicketUnmerged = "ticket.unmerged",
    /// A ticket was linked with another; both have it.
    TicketLinked = "ticket.linked",
    /// Two tickets are linked no more; both have it.
    TicketUnlinked = "ticket.unlinked",
    /// Somebody watches a ticket from now on.
    TicketWatched = "ticket.watched",
    /// Somebody no longer watches a ticket.
    TicketUnwatched = "ticket.unwatched",
    /// A message or internal note was added.
    MessageCreated = "message.created",
    /// A file that was sent was removed.
    AttachmentDeleted = "attachment.deleted",
    /// A person was added.
    UserCreated = "user.created",
    /// A person's name, role or state changed.
    UserUpdated = "user.updated",
    /// What is personal of a person was taken out, of the ledger as well.
    UserErased = "user.erased",
    /// An invitation link was made.
    UserInvited = "user.invited",
    /// An invitation was used to set a password.
    UserInvitationAccepted = "user.invitationAccepted",
    /// Someone signed in.
    AuthLogin = "auth.login",
    /// A sign-in was refused.
    AuthRefused = "auth.refused",
    /// Someone signed out.
    AuthLogout = "auth.logout",
    /// A refresh token was used twice: the session was revoked.
    AuthRefreshReuse = "auth.refreshReuse",
    /// A password was changed.
    AuthPasswordChanged = "auth.passwordChanged",
    /// Someone signed in asked for what their role does not allow.
    AccessDenied = "access.denied",
    /// A webhook endpoint was added.
    EndpointCreated = "endpoint.created",
    /// A webhook endpoint changed.
    EndpointUpdated = "endpoint.updated",
    /// A webhook endpoint was removed.
    EndpointDeleted = "endpoint.deleted",
    /// An endpoint's secrets were made anew.
    EndpointSecretRotated = "endpoint.secretRotated",
    /// A trial delivery was asked for.
    EndpointTested = "endpoint.tested",
    /// An event reached its endpoint.
    WorkflowDelivered = "workflow.delivered",
    /// An event could not be delivered and is parked.
    WorkflowFailed = "workflow.failed",
    /// A workflow did not call back by its deadline.
    WorkflowOverdue = "workflow.overdue",
    /// A workflow called back.
    WorkflowCallback = "workflow.callback",
    /// A callback was refused.
    WorkflowCallbackRefused = "workflow.callbackRefused",
    /// A delivery was asked for again.
    DeliveryReplayed = "delivery.replayed",
    /// A view was saved.
    ViewCreated = "view.created",
    /// A saved view changed.
    ViewUpdated = "view.updated",
    /// A saved view was removed.
    ViewDeleted = "view.deleted",
    /// A person has read what they were told.
    NoticesRead = "notices.read",
    /// A person set what they want to be told.
    NoticesSet = "notices.set",
    /// The company's screens were changed.
    ScreensUpdated = "screens.updated",
    /// The company's settings were changed.
    SettingsChanged = "settings.changed",
    /// A macro was made.
    MacroCreated = "macro.created",
    /// A macro changed.
    MacroUpdated = "macro.updated",
    /// A macro was removed.
    MacroDeleted = "macro.deleted",
    /// A macro was applied to a ticket.
    MacroApplied = "macro.applied",
    /// A custom field was defined.
    FieldCreated = "field.created",
    /// A custom field's definition changed.
    FieldUpdated = "field.updated",
    /// A tag got another colour.
    TagUpdated = "tag.updated",
    /// A tag was renamed.
    TagRenamed = "tag.renamed",
    /// A tag was merged into another.
    TagMerged = "tag.merged",
    /// A tag was deleted.
    TagDeleted = "tag.deleted",
    /// More tickets of a tag that was renamed, merged or deleted have followed.
    TagMoved = "tag.moved",
    /// A team was made.
    TeamCreated = "team.created",
    /// A team's name, rule or members changed.
    TeamUpdated = "team.updated",
    /// A team was removed.
    TeamDeleted = "team.deleted",
    /// Somebody went out of office or came back.
    UserAvailabilityChanged = "user.availabilityChanged",
    /// The tenant was made.
    TenantCreated = "tenant.created",
    /// The audit trail was exported.
    AuditExported = "audit.exported",
    /// A person was brought along from elsewhere.
    UserImported = "user.imported",
    /// A ticket was brought along from elsewhere.
    TicketImported = "ticket.imported",
    /// Messages of a ticket were brought along from elsewhere.
    MessageImported = "message.imported",
    /// An entry of another program's history was brought along. What it says was not seen by this ledger.
    HistoryImported = "history.imported",
    /// An import has come to its end.
    ImportFinished = "import.finished",
}

impl Action {
    /// The action of that public name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.as_str() == name)
    }

    /// Whether it can change who is signed in or what they may do: such events empty the caches of
    /// verified sessions and cut sockets.
    #[must_use]
    pub fn touches_identity(self) -> bool {
        matches!(
            self,
            Self::UserUpdated
                | Self::UserErased
                | Self::UserInvitationAccepted
                | Self::AuthLogout
                | Self::AuthRefreshReuse
                | Self::AuthPasswordChanged
        )
    }
}
