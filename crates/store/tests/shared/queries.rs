//! Every query once.

/// Hands every query to `$run!(Name, value)`: asked by the company `$me` about what is `$of`'s, which may be the
/// same or another.
macro_rules! every_query {
    ($me:expr, $of:expr, $run:ident) => {{
        use flowbit_domain::{
            archive::{CountRows, ReadArchive},
            assignee::ListAssignees,
            attachment::{CheckUpload, ListAttachments, OpenAttachment, content::HasLoose},
            audit::{AuditFilter, GetHead, ListAudit, ReadLedger},
            delivery::{CountStuck, DeliveryFilter, GetBacklog, GetDelivery, ListDeliveries, NextDue},
            draft::ListDrafts,
            endpoint::{GetEndpoint, ListEndpoints},
            feed::{ListEvents, TailEvents},
            fields::ListFields,
            import::{Facts, FindBelonging, RehearseBatch},
            macros::ListMacros,
            message::ListMessages,
            notice::{GetNoticeSettings, ListDueMail, ListNotices, NextMail, ReadMail},
            presence::LookIn,
            retention::HasExpired,
            screens::{ListMyScreens, ListScreenSettings},
            session::{CheckSession, FindLogin},
            settings::GetSettings,
            tags::{HasTagMoves, ListTags},
            team::ListTeams,
            ticket::{
                CountTickets, FindMatches, GetTicket, ListLinks, ListTickets, TicketFilter, TicketSort,
                WriteTickets,
            },
            user::{FindPassword, GetProfile, ListUsers},
            view::{CountViews, ListViews},
            watch::ListWatchers,
        };
        let (me, of): (&$crate::use_cases::Known, &$crate::use_cases::Known) = ($me, $of);
        let principal = || me.admin.clone();
        let list = |filter: TicketFilter, sort| ListTickets {
            principal: principal(),
            filter,
            sort,
            limit: 50,
            cursor: None,
        };
        $run!(GetTicket, GetTicket { principal: principal(), id: of.ticket });
        $run!(ListTickets, list(TicketFilter::default(), TicketSort::NumberAsc));
        let filter = || TicketFilter { text: Some(format!("secret {}", of.slug)), ..TicketFilter::default() };
        $run!(ListTickets, list(filter(), TicketSort::UpdatedDesc));
        let filter = || TicketFilter {
            tag: Some(format!("tag-{}", of.slug)),
            requester: Some(of.admin.user),
            ..TicketFilter::default()
        };
        $run!(ListTickets, list(filter(), TicketSort::PriorityDesc));
        for (at, (expression, sort)) in $crate::use_cases::filters(of).into_iter().enumerate() {
            let filter = || TicketFilter { expression: Some(expression.clone()), ..TicketFilter::default() };
            assert!(expression.check("filter").is_ok(), "filter {at}");
            $run!(ListTickets, list(filter(), sort));
        }
        for text in
            [format!("secret {}", of.slug), format!("hello {}", of.slug), format!("admin of {}", of.slug)]
        {
            let ids = || vec![of.ticket, of.doomed];
            $run!(FindMatches, FindMatches { principal: principal(), text: text.clone(), ids: ids() });
        }
        $run!(ListViews, ListViews { principal: principal() });
        $run!(CountViews, CountViews { principal: principal() });
        let list = || list(TicketFilter::default(), TicketSort::NumberDesc);
        $run!(WriteTickets, WriteTickets { list: list(), cards: std::sync::Arc::default() });
        $run!(CountTickets, CountTickets { principal: principal() });
        $run!(
            ListMessages,
            ListMessages { principal: principal(), ticket: of.ticket, limit: 50, cursor: None }
        );
        $run!(ListEvents, ListEvents { principal: principal(), after: 0, limit: 50, ticket: None });
        $run!(
            ListEvents,
            ListEvents { principal: principal(), after: 0, limit: 50, ticket: Some(of.ticket) }
        );
        $run!(TailEvents, TailEvents { after: 0, limit: 500 });
        let filter = || AuditFilter { user: Some(of.admin.user), ..AuditFilter::default() };
        $run!(ListAudit, ListAudit { principal: principal(), filter: filter(), limit: 50, cursor: None });
        $run!(ReadLedger, ReadLedger { after: 0, limit: 500 });
        $run!(GetHead, GetHead);
        let text = || Some(format!("admin of {}", of.slug));
        $run!(ListUsers, ListUsers { principal: principal(), text: text(), limit: 50, cursor: None });
        $run!(
            GetProfile,
            GetProfile { principal: flowbit_domain::Principal { user: of.admin.user, ..principal() } }
        );
        $run!(ListAssignees, ListAssignees { principal: principal() });
        $run!(ListMacros, ListMacros { principal: principal(), ticket: Some(of.ticket) });
        $run!(ListTags, ListTags { principal: principal() });
        $run!(ListLinks, ListLinks { principal: principal(), ticket: of.ticket });
        $run!(
            ListAttachments,
            ListAttachments { principal: principal(), ticket: of.ticket, limit: 50, cursor: None }
        );
        for id in [of.attachment, of.upload] {
            $run!(OpenAttachment, OpenAttachment { principal: principal(), id });
        }
        $run!(HasLoose, HasLoose);
        $run!(CheckUpload, CheckUpload { principal: principal() });
        $run!(ListDrafts, ListDrafts { principal: principal(), ticket: of.ticket });
        $run!(ListWatchers, ListWatchers { principal: principal(), ticket: of.ticket });
        $run!(LookIn, LookIn { principal: principal(), ticket: of.ticket });
        for unread in [true, false] {
            $run!(ListNotices, ListNotices { principal: principal(), unread, limit: 50, cursor: None });
        }
        $run!(GetNoticeSettings, GetNoticeSettings { principal: principal() });
        $run!(NextMail, NextMail { delay_ms: 0, after: flowbit_domain::Timestamp(0) });
        $run!(ListDueMail, ListDueMail { delay_ms: 0, limit: 50 });
        $run!(ReadMail, ReadMail { user: of.admin.user });
        $run!(ListTeams, ListTeams { principal: principal() });
        $run!(HasTagMoves, HasTagMoves);
        $run!(ListFields, ListFields { principal: principal() });
        $run!(FindLogin, FindLogin { email: format!("admin@{}.example", of.slug) });
        $run!(FindPassword, FindPassword { user: of.admin.user });
        $run!(CheckSession, CheckSession { session: of.session, user: of.admin.user });
        $run!(ListEndpoints, ListEndpoints { principal: principal(), limit: 50, cursor: None });
        $run!(GetEndpoint, GetEndpoint { principal: principal(), id: of.endpoint });
        let filter = || DeliveryFilter { state: None, endpoint: Some(of.endpoint), ticket: Some(of.ticket) };
        $run!(
            ListDeliveries,
            ListDeliveries { principal: principal(), filter: filter(), limit: 50, cursor: None }
        );
        let callback_url = || "https://desk.example/callback".to_owned();
        $run!(
            GetDelivery,
            GetDelivery { principal: principal(), id: of.delivery, callback_url: callback_url() }
        );
        $run!(NextDue, NextDue { per_endpoint: 4 });
        $run!(GetBacklog, GetBacklog { per_endpoint: 4 });
        $run!(CountStuck, CountStuck { before: flowbit_domain::Timestamp(i64::MAX) });
        $run!(HasExpired, HasExpired);
        $run!(ListMyScreens, ListMyScreens { principal: principal(), declared: of.screens() });
        $run!(ListScreenSettings, ListScreenSettings { principal: principal(), declared: of.screens() });
        $run!(GetSettings, GetSettings { principal: principal() });
        let find = || FindBelonging { source: "test".into(), customer: of.slug.clone() };
        $run!(FindBelonging, find());
        for kind in 0..$crate::use_cases::imported::KINDS {
            let documents = || $crate::use_cases::imported::one_of_each(&of.slug, "one").swap_remove(kind);
            let rules = || $crate::use_cases::imported::rules(&of.slug);
            $run!(
                RehearseBatch,
                RehearseBatch { rules: rules(), documents: documents(), facts: Facts::default() }
            );
        }
        $run!(CountRows, CountRows);
        $run!(ReadArchive, ReadArchive { sink: Box::new(|_| Ok(())) });
    }};
}
pub(crate) use every_query;
