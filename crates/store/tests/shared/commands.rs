//! Every command once.

/// Hands every command to `$run!(Name, value)`: done by the company `$me` to what is `$of`'s, which may be the
/// same or another. `$round`, read anew for each, makes what must be new differ from one
/// time to the next.
macro_rules! every_command {
    ($me:expr, $of:expr, $round:expr, $run:ident) => {{
        use flowbit_domain::{
            Timestamp,
            attachment::{
                DeleteAttachment, KeepUpload, NewUpload, ReserveContent,
                content::{CondemnContents, ForgetContents},
            },
            callback::{ApplyCallback, CallbackClaim, RecordRefusedCallback, Refusal},
            company::RecordFounding,
            delivery::{
                ClaimDeliveries, FinishAttempt, MarkOverdue, Outcome, ReclaimLeases, ReplayDelivery,
                ReturnLeases,
            },
            draft::{DraftKind, NewDraft, SaveDraft},
            endpoint::{
                DeleteEndpoint, EndpointPatch, RotateSecret, TestEndpoint, UpdateEndpoint, hash_secret,
            },
            fields::{FieldPatch, UpdateField},
            import::{AdoptCompany, FinishImport, ImportBatch, Tally},
            macros::{ApplyMacro, DeleteMacro, MacroPatch, MacroUse, UpdateMacro},
            message::{CreateMessage, NewMessage},
            notice::{
                MailFrequency, MarkMailed, NoticeKind, NoticeSettingsPatch, ReadNotices, StopMail, UpdateNoticeSettings,
                WhichNotices,
            },
            retention::RemoveExpired,
            screens::{ScreenChange, ScreensChange, UpdateScreens},
            session::{
                EndSession, RecordDenial, RecordExport, RecordRefusal, RefreshSession, RefusalReason,
                StartSession, UpgradePasswordHash,
            },
            settings::{SettingsPatch, UpdateSettings},
            tags::{ColorTag, ContinueTagMoves, MoveTag, TagColor, TagMove},
            rich::RichText,
            team::{Assignment, DeleteTeam, TeamPatch, UpdateTeam},
            ticket::{
                BulkChange, ChangeTickets, DeleteTicket, LinkTickets, MergeTicket, NewLink, NewMerge, NewSnooze,
                NewSplit, Priority, RestoreTicket, SplitTicket, Status, TicketPatch, UnmergeTicket, UpdateTicket,
            },
            user::{
                AcceptInvitation, Authority, Availability, ChangePassword, EraseUser, InviteUser, ResetPassword,
                SetAvailability, UpdateUser, UserPatch,
            },
            view::{DeleteView, UpdateView, ViewPatch},
            watch::WatchTicket,
        };
        use $crate::use_cases::{Known, hash_of, secrets_of};
        let (me, of): (&Known, &Known) = ($me, $of);
        let round = || -> usize { $round };
        let principal = || me.admin.clone();
        let origin = || me.origin();
        let by = || Authority::Person(principal());
        let text = |text: &str| text.to_owned();
        $run!(
            RecordFounding,
            RecordFounding { origin: origin(), slug: me.slug.clone(), name: me.slug.clone() }
        );
        $run!(CreateUser, me.new_user(&format!("new-{}", round())));
        let patch = || UserPatch {
            name: Some(format!("Renamed of {} {}", me.slug, round())),
            ..UserPatch::default()
        };
        $run!(UpdateUser, UpdateUser { by: by(), origin: origin(), id: of.colleague, patch: patch() });
        $run!(
            AcceptInvitation,
            AcceptInvitation {
                origin: origin(),
                user: of.colleague,
                invitation: of.invitation.id,
                password_hash: hash_of(&me.slug),
                user_agent: None,
            }
        );
        $run!(InviteUser, InviteUser { by: by(), origin: origin(), id: of.colleague });
        let seen_hash = || hash_of(&of.slug);
        $run!(
            StartSession,
            StartSession { origin: origin(), user: of.admin.user, seen_hash: seen_hash(), user_agent: None }
        );
        $run!(
            RefreshSession,
            RefreshSession { origin: origin(), session: of.session, refresh_id: of.refresh }
        );
        $run!(
            RecordRefusal,
            RecordRefusal {
                origin: origin(),
                email: format!("admin@{}.example", me.slug),
                user: me.admin.user,
                reason: RefusalReason::WrongPassword,
            }
        );
        $run!(
            RecordDenial,
            RecordDenial { principal: principal(), origin: origin(), method: text("GET"), route: text("/x") }
        );
        $run!(RecordExport, RecordExport { principal: principal(), origin: origin(), format: "csv" });
        $run!(CreateTicket, me.new_ticket(&format!("Made {}", round())));
        let patch = || TicketPatch {
            status: Some(Status::InProgress),
            tags: Some(vec![format!("t{}-{}", round(), me.slug)]),
            custom_fields: serde_json::json!({ "order": me.slug, "round": round() }).as_object().cloned(),
            ..TicketPatch::default()
        };
        $run!(
            UpdateTicket,
            UpdateTicket { principal: principal(), origin: origin(), id: of.ticket, patch: patch() }
        );
        let input = || NewMessage { body: format!("Hello {} from {}", round(), me.slug), internal: false, ..NewMessage::default() };
        $run!(
            CreateMessage,
            CreateMessage {
                principal: principal(),
                origin: origin(),
                ticket: of.ticket,
                input: input(),
                idempotency: None
            }
        );
        let input = || NewMessage {
            html: RichText::read(&format!("<p><strong>@{}</strong> look</p>", me.slug)).ok(),
            internal: true,
            mentions: vec![of.colleague],
            ..NewMessage::default()
        };
        $run!(
            CreateMessage,
            CreateMessage {
                principal: principal(),
                origin: origin(),
                ticket: of.ticket,
                input: input(),
                idempotency: None
            }
        );
        let upload = || NewUpload {
            name: format!("{} {}.png", me.slug, round()),
            media_type: "image/png".into(),
            sha256: [u8::try_from(round() % 256).unwrap_or(0); 32],
            size: 10,
        };
        $run!(ReserveContent, ReserveContent { principal: principal(), upload: upload(), quota: 1 << 40 });
        $run!(KeepUpload, KeepUpload { principal: principal(), upload: upload(), content: of.content });
        let input = || NewMessage {
            body: format!("With a file of {}", me.slug),
            attachments: vec![of.upload],
            ..NewMessage::default()
        };
        $run!(
            CreateMessage,
            CreateMessage {
                principal: principal(),
                origin: origin(),
                ticket: of.ticket,
                input: input(),
                idempotency: None
            }
        );
        $run!(
            DeleteAttachment,
            DeleteAttachment { principal: principal(), origin: origin(), id: of.attachment }
        );
        $run!(CondemnContents, CondemnContents { limit: 10 });
        $run!(ForgetContents, ForgetContents { contents: vec![of.content] });
        let input = || NewSplit { message_id: of.answer, title: format!("Apart {} of {}", round(), me.slug) };
        $run!(
            SplitTicket,
            SplitTicket {
                principal: principal(),
                origin: origin(),
                ticket: of.ticket,
                input: input(),
                idempotency: None
            }
        );
        let formatted = || RichText::read(&format!("<p>Unsent <em>{}</em> of {}</p>", round(), me.slug)).ok();
        let input = || NewDraft {
            kind: [DraftKind::Reply, DraftKind::Note][round() % 2],
            body: format!("Unsent {} of {}", round(), me.slug),
            html: formatted(),
        };
        $run!(SaveDraft, SaveDraft { principal: principal(), ticket: of.ticket, input: input() });
        let input = || NewLink { ticket_id: of.doomed, linked: Some(round() % 2 == 0) };
        $run!(
            LinkTickets,
            LinkTickets { principal: principal(), origin: origin(), ticket: of.ticket, input: input() }
        );
        let patch = || TicketPatch { snooze: Some(Some(NewSnooze { until: None })), ..TicketPatch::default() };
        $run!(
            UpdateTicket,
            UpdateTicket { principal: principal(), origin: origin(), id: of.doomed, patch: patch() }
        );
        let input = || NewMerge { into_id: of.ticket };
        $run!(
            MergeTicket,
            MergeTicket { principal: principal(), origin: origin(), ticket: of.doomed, input: input() }
        );
        $run!(
            UnmergeTicket,
            UnmergeTicket { principal: principal(), origin: origin(), ticket: of.doomed }
        );
        for watches in [round() % 2 == 0, round() % 2 == 1] {
            $run!(
                WatchTicket,
                WatchTicket { principal: principal(), origin: origin(), ticket: of.ticket, watches }
            );
        }
        let which = || WhichNotices { ticket_id: Some(of.ticket), ..WhichNotices::default() };
        $run!(ReadNotices, ReadNotices { principal: principal(), origin: origin(), which: which() });
        let patch = || NoticeSettingsPatch {
            muted: Some(vec![NoticeKind::ALL[round() % 8]]),
            ..NoticeSettingsPatch::default()
        };
        $run!(
            UpdateNoticeSettings,
            UpdateNoticeSettings { principal: principal(), origin: origin(), patch: patch() }
        );
        let events = || vec![flowbit_domain::EventId(of.ticket.0), flowbit_domain::EventId(of.doomed.0)];
        $run!(MarkMailed, MarkMailed { user: of.colleague, events: events() });
        let patch = || NoticeSettingsPatch {
            email: Some([MailFrequency::Daily, MailFrequency::Off][round() % 2]),
            ..NoticeSettingsPatch::default()
        };
        $run!(
            UpdateNoticeSettings,
            UpdateNoticeSettings { principal: principal(), origin: origin(), patch: patch() }
        );
        $run!(StopMail, StopMail { origin: origin(), user: of.admin.user });
        $run!(CreateView, me.new_view(&format!("View {}", round()), round() % 2 == 0));
        for view in [of.view, of.shared_view] {
            let patch = || ViewPatch {
                name: Some(format!("Round {} of {}", round(), me.slug)),
                position: Some(round() as i64),
                ..ViewPatch::default()
            };
            $run!(
                UpdateView,
                UpdateView { principal: principal(), origin: origin(), id: view, patch: patch() }
            );
        }
        $run!(DeleteView, DeleteView { principal: principal(), origin: origin(), id: of.view });
        let input = || TagColor {
            // A name that is free to all: what another company calls its tags is no trace of it.
            name: format!("tag-{}", me.slug),
            color: Some(Some(text(["red", "blue"][round() % 2]))),
        };
        $run!(ColorTag, ColorTag { principal: principal(), origin: origin(), input: input() });
        $run!(ContinueTagMoves, ContinueTagMoves { limit: 10 });
        // One of two, so that there is one that is under way.
        let input = || TagMove {
            from: format!("tag-{}", of.slug),
            to: Some(format!("moved-{}-{}", round(), of.slug)),
            merge: false,
        };
        $run!(MoveTag, MoveTag { principal: principal(), origin: origin(), input: input(), limit: 1 });
        $run!(CreateTeam, me.new_team(&format!("Made {}", round())));
        let patch = || TeamPatch {
            name: Some(format!("{} of {}", round(), me.slug)),
            assignment: Some([Assignment::RoundRobin, Assignment::ByLoad][round() % 2]),
            member_ids: Some(if round() % 2 == 0 { vec![of.colleague] } else { vec![of.admin.user, of.colleague] }),
            ..TeamPatch::default()
        };
        $run!(
            UpdateTeam,
            UpdateTeam { principal: principal(), origin: origin(), id: of.team, patch: patch() }
        );
        $run!(DeleteTeam, DeleteTeam { principal: principal(), origin: origin(), id: of.doomed_team });
        let patch = || TicketPatch { team_id: Some(Some(of.team)), ..TicketPatch::default() };
        $run!(
            UpdateTicket,
            UpdateTicket { principal: principal(), origin: origin(), id: of.ticket, patch: patch() }
        );
        let input = || Availability { out_of_office: round() % 2 == 0, until: None };
        $run!(
            SetAvailability,
            SetAvailability { principal: principal(), origin: origin(), user: of.colleague, input: input() }
        );
        $run!(CreateField, me.new_field(&format!("made_{}", round())));
        let patch =
            || FieldPatch { label: Some(format!("{} of {}", round(), me.slug)), ..FieldPatch::default() };
        $run!(
            UpdateField,
            UpdateField { principal: principal(), origin: origin(), id: of.field, patch: patch() }
        );
        $run!(CreateMacro, me.new_macro(&format!("Made {}", round())));
        let patch =
            || MacroPatch { name: Some(format!("{} of {}", round(), me.slug)), ..MacroPatch::default() };
        $run!(
            UpdateMacro,
            UpdateMacro { principal: principal(), origin: origin(), id: of.shared_macro, patch: patch() }
        );
        let input = || MacroUse { macro_id: of.shared_macro, body: None, html: None, mentions: Vec::new(), attachments: Vec::new(), version: None, last_message_id: None };
        $run!(
            ApplyMacro,
            ApplyMacro {
                principal: principal(),
                origin: origin(),
                ticket: of.ticket,
                input: input(),
                idempotency: None
            }
        );
        $run!(DeleteMacro, DeleteMacro { principal: principal(), origin: origin(), id: of.doomed_macro });
        // What the macro has said was no draft any more.
        let input = || NewDraft {
            kind: DraftKind::Note,
            body: format!("Unsent {} of {}", round(), me.slug),
            html: formatted(),
        };
        $run!(SaveDraft, SaveDraft { principal: principal(), ticket: of.ticket, input: input() });
        $run!(DeleteTicket, DeleteTicket { principal: principal(), origin: origin(), id: of.doomed });
        $run!(RestoreTicket, RestoreTicket { principal: principal(), origin: origin(), id: of.doomed });
        let input = || BulkChange {
            ids: vec![of.ticket, of.doomed, flowbit_domain::id::TicketId(uuid::Uuid::from_u128(7))],
            priority: Some(Priority::ALL[round() % 4]),
            add_tags: vec![format!("bulk-{}", me.slug)],
            ..BulkChange::default()
        };
        $run!(
            ChangeTickets,
            ChangeTickets { principal: principal(), origin: origin(), input: input(), idempotency: None }
        );
        let input = || BulkChange { ids: vec![of.doomed], delete: true, ..BulkChange::default() };
        $run!(
            ChangeTickets,
            ChangeTickets { principal: principal(), origin: origin(), input: input(), idempotency: None }
        );
        $run!(CreateEndpoint, me.new_endpoint(100 + round() as u128));
        let patch = || EndpointPatch {
            description: Some(format!("Round {} of {}", round(), me.slug)),
            ..EndpointPatch::default()
        };
        $run!(
            UpdateEndpoint,
            UpdateEndpoint { principal: principal(), origin: origin(), id: of.endpoint, patch: patch() }
        );
        $run!(TestEndpoint, TestEndpoint { principal: principal(), origin: origin(), id: of.endpoint });
        $run!(
            DeleteEndpoint,
            DeleteEndpoint { principal: principal(), origin: origin(), id: of.doomed_endpoint }
        );
        $run!(ClaimDeliveries, ClaimDeliveries { limit: 2, per_endpoint: 8, lease_ms: 60_000 });
        let outcome = || Outcome::Answered { status: 200, body: text("fine"), retry_after_ms: None };
        $run!(
            FinishAttempt,
            FinishAttempt {
                lease: of.leases[0],
                claimed_at: of.claimed_at,
                duration_ms: 5,
                outcome: outcome()
            }
        );
        $run!(ReturnLeases, ReturnLeases { leases: of.leases.clone() });
        $run!(ReclaimLeases, ReclaimLeases { claimed_before: Timestamp(i64::MAX) });
        $run!(MarkOverdue, MarkOverdue { limit: 10 });
        let claim = CallbackClaim { ticket: of.ticket, delivery: of.delivery, endpoint: of.endpoint };
        $run!(
            ApplyCallback,
            ApplyCallback {
                origin: origin(),
                claim,
                secret: hash_secret(&secrets_of(&of.slug).shared),
                status: None,
                message: Some(format!("Done {} by {}", round(), me.slug)),
                custom_fields: None,
                data: None,
            }
        );
        $run!(
            RecordRefusedCallback,
            RecordRefusedCallback {
                origin: origin(),
                refusal: Refusal::WrongToken,
                endpoint: of.endpoint,
                delivery: Some(of.delivery),
            }
        );
        $run!(
            RotateSecret,
            RotateSecret {
                principal: principal(),
                origin: origin(),
                id: of.endpoint,
                secrets: secrets_of(&me.slug)
            }
        );
        $run!(ReplayDelivery, ReplayDelivery { principal: principal(), origin: origin(), id: of.delivery });
        let screens =
            || vec![ScreenChange { id: text("tickets"), enabled: Some(round() % 2 == 1), roles: None }];
        let change = || ScreensChange { screens: screens() };
        $run!(
            UpdateScreens,
            UpdateScreens {
                principal: principal(),
                origin: origin(),
                declared: me.screens(),
                change: change()
            }
        );
        let patch =
            || SettingsPatch { reopen_days: Some([Some(round() as i64 % 300), None][round() % 2]), version: None };
        $run!(UpdateSettings, UpdateSettings { principal: principal(), origin: origin(), patch: patch() });
        for kind in 0..$crate::use_cases::imported::KINDS {
            let documents = || {
                let id = format!("round-{}", round());
                $crate::use_cases::imported::one_of_each(&me.slug, &id).swap_remove(kind)
            };
            let rules = || $crate::use_cases::imported::rules(&me.slug);
            $run!(ImportBatch, ImportBatch { origin: origin(), rules: rules(), documents: documents() });
        }
        $run!(
            AdoptCompany,
            AdoptCompany {
                origin: origin(),
                source: text("test"),
                customer: me.slug.clone(),
                slug: me.slug.clone(),
                name: me.slug.clone()
            }
        );
        let tally = || Tally { tickets: 1, ..Tally::default() };
        $run!(
            FinishImport,
            FinishImport {
                origin: origin(),
                source: text("test"),
                customer: me.slug.clone(),
                tally: tally()
            }
        );
        $run!(RemoveExpired, RemoveExpired { limit: 10 });
        $run!(EndSession, EndSession { origin: origin(), session: of.session });
        // Last, since they change what others name.
        $run!(
            UpgradePasswordHash,
            UpgradePasswordHash { user: of.colleague, seen_hash: seen_hash(), new_hash: seen_hash() }
        );
        $run!(
            ResetPassword,
            ResetPassword {
                by: by(),
                origin: origin(),
                email: format!("colleague@{}.example", of.slug),
                new_hash: seen_hash(),
            }
        );
        $run!(
            ChangePassword,
            ChangePassword {
                principal: flowbit_domain::Principal { user: of.admin.user, ..principal() },
                origin: origin(),
                seen_hash: seen_hash(),
                new_hash: seen_hash(),
            }
        );
        $run!(EraseUser, EraseUser { by: by(), origin: origin(), id: of.leaver, texts: true });
    }};
}
pub(crate) use every_command;
