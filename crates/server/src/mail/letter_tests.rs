use flowbit_domain::{
    control::TenantState,
    id::{EventId, TenantId},
    notice::NoticeKind,
    principal::Role,
    screens::{Remote, Screen},
};
use uuid::Uuid;

use super::*;

fn company(locale: &str) -> Tenant {
    Tenant {
        id: TenantId(Uuid::from_u128(1)),
        slug: "acme".into(),
        name: "Acme & Söhne".into(),
        locale: locale.into(),
        accent_color: "#1f6feb".into(),
        state: TenantState::Active,
        created_at: Timestamp(0),
    }
}

fn notice(event: u128, ticket: u128, kind: NoticeKind, title: &str) -> Notice {
    let ticket_id = TicketId(Uuid::from_u128(ticket));
    Notice {
        id: EventId(Uuid::from_u128(event)),
        kind,
        actor_name: "Greta Agent".into(),
        ticket_id,
        number: i64::try_from(ticket).unwrap(),
        title: title.into(),
        module: "./Tickets",
        path: format!("/{ticket_id}"),
        at: Timestamp(0),
        read_at: None,
    }
}

fn mail(notices: Vec<Notice>, more: usize) -> Mail {
    let mut events: Vec<EventId> = notices.iter().rev().map(|notice| notice.id).collect();
    events.extend((0..more).map(|n| EventId(Uuid::from_u128(1000 + n as u128))));
    let (name, address) = ("Uwe User".into(), "uwe@example.com".into());
    Mail { name, address, role: Role::User, notices, more, events }
}

/// The subject, the text, the HTML and the whole of it.
fn written(locale: &str, mail: &Mail) -> (String, String, String, String) {
    let (company, from) = (company(locale), "Flowbit <desk@example.org>".parse().unwrap());
    let letter = Letter {
        company: &company,
        user: UserId(Uuid::from_u128(7)),
        mail,
        from: &from,
        origin: "https://desk.example.org",
        screen: Some("/tickets"),
        unsubscribe: "https://desk.example.org/unsubscribe?token=t",
        now: Timestamp(1_769_847_300_000),
    };
    let tickets = by_ticket(&mail.notices);
    let subject = letter.subject(&tickets);
    let whole = String::from_utf8(letter.write().unwrap().formatted()).unwrap();
    (subject.clone(), letter.text(&tickets), letter.html(&subject, &tickets), whole)
}

#[test]
fn one_piece_of_news_in_a_mail() {
    let one = mail(vec![notice(1, 12, NoticeKind::Answered, "Pallet 7 is late")], 0);
    let (subject, text, html, whole) = written("en", &one);
    assert_eq!(subject, "[#12] Pallet 7 is late: Greta Agent answered");
    let link = format!("https://desk.example.org/tickets/{}", Uuid::from_u128(12));
    assert!(text.starts_with("Hello Uwe User,\n\n[#12] Pallet 7 is late\nGreta Agent answered\n"), "{text}");
    assert!(text.contains(&link) && html.contains(&format!("<a href=\"{link}\">")), "{text}{html}");
    assert!(html.contains("Acme &amp; Söhne"), "{html}");
    for header in [
        "From: Flowbit <desk@example.org>\r\n",
        "To: \"Uwe User\" <uwe@example.com>\r\n",
        "Date: Sat, 31 Jan 2026 08:15:00 +0000\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "List-Unsubscribe: <https://desk.example.org/unsubscribe?token=t>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    ] {
        assert!(whole.contains(header), "{header}{whole}");
    }
    let id = |mail: &Mail| {
        let whole = written("en", mail).3;
        whole.lines().find(|line| line.starts_with("Message-ID: <")).unwrap().to_owned()
    };
    assert!(id(&one).ends_with("@example.org>"));
    assert_eq!(id(&one), id(&mail(vec![notice(1, 13, NoticeKind::Resolved, "Other")], 0)), "the same event");
    assert_ne!(id(&one), id(&mail(vec![notice(2, 12, NoticeKind::Answered, "Pallet 7 is late")], 0)));
}

#[test]
fn several_in_one_mail() {
    let of_one = mail(
        vec![
            notice(1, 12, NoticeKind::Answered, "Palette 7"),
            notice(2, 12, NoticeKind::Resolved, "Palette 7"),
        ],
        0,
    );
    assert_eq!(written("de", &of_one).0, "[#12] Palette 7: 2 Neuigkeiten");
    let of_two = mail(
        vec![
            notice(1, 12, NoticeKind::Replied, "A"),
            notice(2, 13, NoticeKind::Woken, "B"),
            notice(3, 12, NoticeKind::Noted, "A"),
        ],
        0,
    );
    let (subject, text, ..) = written("de", &of_two);
    assert_eq!(subject, "3 Neuigkeiten zu 2 Tickets");
    assert!(
        text.contains("[#12] A\nGreta Agent hat geantwortet\nGreta Agent hat eine interne Notiz angelegt\n"),
        "{text}"
    );
    assert!(text.contains("[#13] B\nEs ist nicht mehr zurückgestellt\n"), "{text}");
    assert_eq!(written("en", &of_two).0, "3 updates on 2 tickets");
    let many = mail(vec![notice(1, 12, NoticeKind::Replied, "A")], 70);
    let (subject, text, html, _) = written("en", &many);
    assert_eq!(subject, "71 updates");
    assert!(text.contains("And 70 more") && html.contains("And 70 more"), "{text}{html}");
}

#[test]
fn what_people_write_changes_nothing_of_a_mail_but_its_words() {
    let title = format!("<img src=x>\r\nBcc: all@example.com\u{7}{}", "ä".repeat(300));
    let odd = mail(vec![notice(1, 12, NoticeKind::Answered, &title)], 0);
    let (subject, text, html, whole) = written("de", &odd);
    assert!(!subject.contains(['\r', '\n', '\u{7}']) && subject.chars().count() < 200, "{subject}");
    assert!(!text.contains("\nBcc:") && !whole.contains("\nBcc:"), "{whole}");
    assert!(!html.contains("<img") && html.contains("&lt;img src=x&gt;"), "{html}");
    assert!(whole.is_ascii() && whole.lines().all(|line| line.len() < 998), "{whole}");
    let encoded = mail(vec![notice(1, 12, NoticeKind::Answered, "A =?utf-8?Q?=0D=0ABcc:_x?= B")], 0);
    let (subject, .., whole) = written("en", &encoded);
    assert!(subject.contains("=\u{200B}?utf-8?Q?=0D=0ABcc:_x?= B"), "{subject}");
    assert!(!whole.contains("=?utf-8?Q?=0D=0ABcc"), "{whole}");
    let nowhere = Mail { address: "nowhere".into(), ..mail(vec![notice(1, 1, NoticeKind::Noted, "A")], 0) };
    let (company, from) = (company("en"), "desk@example.org".parse().unwrap());
    let letter = Letter {
        company: &company,
        user: UserId(Uuid::from_u128(7)),
        mail: &nowhere,
        from: &from,
        origin: "",
        screen: None,
        unsubscribe: "",
        now: Timestamp(0),
    };
    assert!(letter.write().is_err());
}

#[test]
fn each_is_led_to_the_screen_that_they_have() {
    let screen = |path: &str, module: &str, roles: &[Role]| DeclaredScreen {
        screen: Screen {
            id: path.trim_matches('/').into(),
            title: "A title".into(),
            path: path.into(),
            icon: "ticket".into(),
            remote: Remote {
                name: "some".into(),
                entry: "/remotes/some/mf-manifest.json".into(),
                module: module.into(),
                integrity: None,
            },
        },
        roles: roles.to_vec(),
    };
    let own = screen("/requests", "./Portal", &[Role::User]);
    let desk = screen("/tickets", "./Tickets", &[Role::Agent, Role::Admin]);
    let screens = [own.clone(), desk];
    assert_eq!(screen_for(&screens, "./Tickets", Role::User), Some("/requests"));
    assert_eq!(screen_for(&screens, "./Tickets", Role::Agent), Some("/tickets"));
    assert_eq!(screen_for(&screens, "./Users", Role::Admin), None);
    // Who has both is led to the one that was meant.
    let both = [own.clone(), screen("/tickets", "./Tickets", &[Role::User])];
    assert_eq!(screen_for(&both, "./Tickets", Role::User), Some("/tickets"));
    assert_eq!(screen_for(&[own], "./Tickets", Role::Admin), None);
}
