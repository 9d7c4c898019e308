//! Free text: whose tickets it finds, and where in them it stands.

use flowbit_domain::{
    Principal,
    id::TicketId,
    ticket::{
        Expression, FindMatches, ListTickets, Match, NewTicket, Place, TicketFilter, TicketMatch, TicketSort,
    },
    user::{Authority, EraseUser, UpdateUser, UserPatch},
};
use serde_json::json;

use crate::{
    attachments::{put, send, upload},
    engines::{Engine, on_both_engines},
    support::{Desk, origin, ticket},
};

on_both_engines! {
    the_staff_finds_tickets_by_their_requester,
    pages_of_what_people_and_words_find_follow_each_other,
    it_is_said_where_the_words_stand,
    nobody_is_shown_where_more_stands_than_they_may_read,
}

async fn the_staff_finds_tickets_by_their_requester(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.raise(&desk.user, ticket("A")).await.unwrap();
    desk.raise(&desk.other, ticket("B")).await.unwrap();
    desk.raise(&desk.agent, ticket("C, told by uwe")).await.unwrap();
    let (a, b, c) = ("A", "B", "C, told by uwe");
    let cases: [(&str, &[&str]); 14] = [
        ("uwe", &[a, c]),
        ("UW", &[a, c]),
        ("uwe user", &[a]),
        ("user uwe", &[a]),
        ("us uw", &[a]),
        ("we", &[]),
        ("ther", &[]),
        ("olga.other@acme.example", &[b]),
        ("Olga.Other@ac", &[b]),
        ("@acme", &[a, b, c]),
        ("acme", &[]),
        ("olga uwe", &[]),
        ("u", &[]),
        ("greta", &[c]),
    ];
    for (text, titles) in cases {
        for who in [&desk.agent, &desk.admin] {
            assert_eq!(desk.search(who, text).await, titles, "{text}");
            let filter: Expression = serde_json::from_value(json!({ "text": { "contains": text } })).unwrap();
            let filter = TicketFilter { expression: Some(filter), ..TicketFilter::default() };
            assert_eq!(desk.titles(who, filter).await, titles, "{text}");
        }
    }
    // A requester sees their own alone, and finds them by what they have said.
    assert!(desk.search(&desk.user, "uwe").await.is_empty());
    assert!(desk.search(&desk.user, "olga").await.is_empty());
    // Who is renamed is found by the new name at once, with and without its accents.
    desk.rename(&desk.user, "Zoë O'Brien-Müller").await;
    for text in ["zoë", "ZOE", "zoe\u{308}", "brien", "muller", "mül", "user"] {
        assert_eq!(desk.search(&desk.agent, text).await, [a], "{text}");
    }
    assert_eq!(desk.search(&desk.agent, "uwe").await, [a, c]);
    // What is typed stands for itself.
    for text in ["%", "_oe", "z%e", "'", "\\"] {
        assert!(desk.search(&desk.agent, text).await.is_empty(), "{text}");
    }
}

async fn pages_of_what_people_and_words_find_follow_each_other(engine: Engine) {
    let desk = Desk::new(engine).await;
    for n in 0..9 {
        let by = if n % 3 == 0 { &desk.user } else { &desk.other };
        let title = if n % 2 == 0 { format!("uwe {n}") } else { format!("plain {n}") };
        desk.raise(by, ticket(&title)).await.unwrap();
    }
    // Those of the requester and those with the word, each once.
    for (sort, expected) in
        [(TicketSort::NumberAsc, vec![1, 3, 4, 5, 7, 9]), (TicketSort::UpdatedDesc, vec![9, 7, 5, 4, 3, 1])]
    {
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let filter = TicketFilter { text: Some("uwe".into()), ..TicketFilter::default() };
            let principal = desk.agent.clone();
            let page = desk.list(ListTickets { principal, filter, sort, limit: 2, cursor }).await;
            seen.extend(page.items.iter().map(|ticket| ticket.number));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected);
    }
}

async fn matches(desk: &Desk, by: &Principal, text: &str, ids: &[TicketId]) -> Vec<TicketMatch> {
    let find = FindMatches { principal: by.clone(), text: text.into(), ids: ids.to_vec() };
    desk.store.read(&desk.tenant, find).await.unwrap().items
}

/// What of one ticket matches: the place, the text, and the words in it.
async fn shown(
    desk: &Desk,
    by: &Principal,
    text: &str,
    id: TicketId,
) -> Option<(Place, String, Vec<String>)> {
    let mut items = matches(desk, by, text, &[id]).await;
    assert_eq!((items.len(), items[0].ticket_id), (1, id));
    let Match { place, text, ranges, message_id } = items.remove(0).found?;
    assert_eq!(message_id.is_some(), matches!(place, Place::Message | Place::Note | Place::Attachment));
    let units: Vec<u16> = text.encode_utf16().collect();
    let slice = |[from, to]: [u32; 2]| String::from_utf16(&units[from as usize..to as usize]).unwrap();
    let words = ranges.into_iter().map(slice).collect();
    Some((place, text, words))
}

async fn it_is_said_where_the_words_stand(engine: Engine) {
    let desk = Desk::new(engine).await;
    let input = NewTicket {
        title: "Pallet is late".into(),
        description: format!("{} Where is the pallet\nof Genève 😀?", "So long. ".repeat(60)),
        ..NewTicket::default()
    };
    let id = desk.raise(&desk.user, input).await.unwrap().id;
    desk.say(&desk.agent, id, "We have found the pallet in Lyon", false).await.unwrap();
    let note = desk.say(&desk.agent, id, "Lyon again: the carrier is hopeless", true).await.unwrap();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let title = (Place::Title, "Pallet is late".to_owned(), words(&["Pallet"]));
    assert_eq!(shown(&desk, &desk.agent, "pall", id).await, Some(title));
    let (place, text, marked) = shown(&desk, &desk.user, "where geneve pallet", id).await.unwrap();
    assert_eq!((place, marked), (Place::Description, words(&["Where", "pallet", "Genève"])));
    assert!(text.starts_with("…So long. ") && text.ends_with("Where is the pallet of Genève 😀?"), "{text}");
    let message = (Place::Message, "We have found the pallet in Lyon".to_owned(), words(&["Lyon"]));
    for who in [&desk.agent, &desk.user] {
        assert_eq!(shown(&desk, who, "lyon", id).await.as_ref(), Some(&message));
    }
    let found = matches(&desk, &desk.admin, "hopeless lyon", &[id]).await.remove(0).found.unwrap();
    assert_eq!((found.place, found.message_id), (Place::Note, Some(note.id)));
    let requester = (Place::Requester, "Uwe User".to_owned(), words(&["Uwe", "User"]));
    for text in ["user uw", "us uw"] {
        assert_eq!(shown(&desk, &desk.agent, text, id).await.as_ref(), Some(&requester));
    }
    let address = shown(&desk, &desk.agent, "uwe.user@acme.example", id).await.unwrap();
    assert_eq!((address.0, address.1.to_lowercase().as_str()), (Place::Requester, "uwe.user@acme.example"));
    for text in ["elsewhere", "pallet elsewhere", "", " - ", "#1"] {
        assert_eq!(shown(&desk, &desk.agent, text, id).await, None, "{text}");
    }
    // In the order in which they were asked for, without those that are not there.
    let second = desk.raise(&desk.other, ticket("Lyon")).await.unwrap().id;
    let nobodys = TicketId(uuid::Uuid::from_u128(7));
    let items = matches(&desk, &desk.agent, "lyon", &[second, nobodys, id]).await;
    assert_eq!(items.iter().map(|item| item.ticket_id).collect::<Vec<_>>(), [second, id]);
    assert!(items.iter().all(|item| item.found.is_some()));
    assert!(matches(&desk, &desk.agent, "lyon", &[]).await.is_empty());
    let gone = EraseUser {
        by: Authority::Person(desk.admin.clone()),
        origin: origin(&desk.admin),
        id: desk.other.user,
        texts: true,
    };
    let off = UserPatch { active: Some(false), ..UserPatch::default() };
    let off = UpdateUser {
        by: Authority::Person(desk.admin.clone()),
        origin: origin(&desk.admin),
        id: desk.other.user,
        patch: off,
    };
    desk.store.write(&desk.tenant, off).await.unwrap();
    desk.store.write(&desk.tenant, gone).await.unwrap();
    for text in ["lyon", "olga", "other"] {
        assert_eq!(shown(&desk, &desk.agent, text, second).await, None, "{text}");
    }
}

async fn nobody_is_shown_where_more_stands_than_they_may_read(engine: Engine) {
    let desk = Desk::new(engine).await;
    let id = desk.raise(&desk.user, ticket("Of the user")).await.unwrap().id;
    let others = desk.raise(&desk.other, ticket("Of the other")).await.unwrap().id;
    for ticket in [id, others] {
        desk.say(&desk.agent, ticket, "secret zebrafish", true).await.unwrap();
        desk.say(&desk.agent, ticket, "public goldfish", false).await.unwrap();
    }
    assert_eq!(shown(&desk, &desk.agent, "zebrafish", id).await.unwrap().0, Place::Note);
    for text in ["zebrafish", "secret zebrafish", "uwe", "greta", "public zebrafish"] {
        assert_eq!(shown(&desk, &desk.user, text, id).await, None, "{text}");
    }
    assert_eq!(shown(&desk, &desk.user, "goldfish", id).await.unwrap().0, Place::Message);
    for (name, internal) in [("tiger plan.png", true), ("Lion plan.png", false)] {
        let file = put(&desk, &desk.agent, upload(name, 1, 10)).await.unwrap();
        send(&desk, &desk.agent, id, internal, vec![file.id]).await.unwrap();
    }
    let tiger = (Place::Attachment, "tiger plan.png".to_owned(), vec!["tiger".to_owned()]);
    assert_eq!(shown(&desk, &desk.agent, "tig", id).await, Some(tiger));
    assert_eq!(shown(&desk, &desk.user, "tig", id).await, None);
    let lion = (Place::Attachment, "Lion plan.png".to_owned(), vec!["Lion".to_owned(), "plan".to_owned()]);
    assert_eq!(shown(&desk, &desk.user, "plan lion", id).await, Some(lion));
    for text in ["goldfish", "zebrafish", "of", ""] {
        let items = matches(&desk, &desk.user, text, &[others, id]).await;
        assert_eq!(items.iter().map(|item| item.ticket_id).collect::<Vec<_>>(), [id], "{text}");
    }
}
