//! An import from its beginning to its end: the source is read through once before anything is written,
//! so that a damaged one is refused whole; then its documents are taken in batches.

use std::collections::{BTreeMap, HashMap, HashSet};

use flowbit_domain::{
    import::{
        Belonging, Facts, Fate, Incoming, NUMBER_MAX, Outcome as Told, RehearseBatch, Remark, Rules, Tally,
        Weight,
    },
    time::Clock,
};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::{
    companies::Company,
    desk::{Answer, Desk, Step},
    mapping::Collection,
    progress,
    report::{About, Report},
    source::{Item, Piece, Source},
};
use crate::{
    ambient::SystemClock,
    cli::{Failure, Outcome, context},
};

/// So many documents are one transaction…
const BATCH: usize = 500;
/// … or as many as hold so many bytes of text.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// So many wait at most, of all companies together.
const WAITING: usize = 4 * BATCH;

/// What is known of a source after it was read through.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) documents: u64,
    /// The highest number of a ticket of each customer.
    pub(super) customers: BTreeMap<String, i64>,
}

/// Reads a source through.
///
/// # Errors
/// When it is damaged.
pub(super) fn survey(source: &dyn Source) -> Outcome<Survey> {
    let bar = progress::bar(None, "Reading");
    let mut survey = Survey::default();
    for item in source.items() {
        let item = item?;
        bar.inc(1);
        survey.documents += 1;
        if item.customer.is_empty() {
            continue;
        }
        let highest = survey.customers.entry(item.customer).or_default();
        if let Some(Piece::Ticket(ticket)) = &item.piece {
            let number = ticket.number.as_deref().and_then(|number| number.parse().ok());
            *highest = number.filter(|n| (1..=NUMBER_MAX).contains(n)).unwrap_or(0).max(*highest);
        }
    }
    bar.finish_and_clear();
    Ok(survey)
}

/// What applies to the import as a whole.
pub(super) struct Plan {
    pub(super) rules: Rules,
    pub(super) is_rehearsal: bool,
}

/// Documents of one company that wait to be taken.
#[derive(Default)]
struct Waiting {
    items: Vec<Item>,
    bytes: usize,
}

/// An import under way.
pub(super) struct Run<'r> {
    pub(super) plan: &'r Plan,
    pub(super) desk: &'r Desk,
    pub(super) report: &'r mut Report,
    pub(super) companies: &'r mut BTreeMap<String, Company>,
    /// Of documents that name no company.
    pub(super) of_nobody: u64,
    /// What a rehearsal would have written.
    facts: HashMap<String, Facts>,
    /// The ids that were seen, as hashes: 16 bytes a document.
    seen: HashSet<[u8; 16]>,
}

impl<'r> Run<'r> {
    pub(super) fn new(
        plan: &'r Plan,
        desk: &'r Desk,
        report: &'r mut Report,
        companies: &'r mut BTreeMap<String, Company>,
    ) -> Self {
        Self { plan, desk, report, companies, of_nobody: 0, facts: HashMap::new(), seen: HashSet::new() }
    }

    /// Takes all documents.
    ///
    /// # Errors
    /// When the source, the store or the report fails. What was taken until then stays, and is remembered.
    pub(super) async fn take_all(&mut self, source: &dyn Source, documents: u64) -> Outcome {
        let bar =
            progress::bar(Some(documents), if self.plan.is_rehearsal { "Rehearsing" } else { "Importing" });
        let mut waiting: BTreeMap<String, Waiting> = BTreeMap::new();
        let mut count = 0;
        let mut collection = None;
        for item in source.items() {
            let mut item = item?;
            bar.inc(1);
            // Those of the next kind name those of this one.
            if collection.replace(item.collection).is_some_and(|before| before != item.collection) {
                count = 0;
                self.flush_all(&mut waiting).await?;
            }
            self.refuse_repeated(&mut item);
            if item.piece.is_none() || !self.companies.contains_key(&item.customer) {
                self.tell_refused(&item)?;
                continue;
            }
            let customer = item.customer.clone();
            let of_company = waiting.entry(customer.clone()).or_default();
            of_company.bytes += weigh(&item);
            of_company.items.push(item);
            count += 1;
            if of_company.items.len() >= BATCH || of_company.bytes >= BATCH_BYTES {
                count -= of_company.items.len();
                let batch = std::mem::take(of_company);
                self.flush(&customer, batch).await?;
            } else if count >= WAITING {
                count = 0;
                self.flush_all(&mut waiting).await?;
            }
        }
        self.flush_all(&mut waiting).await?;
        bar.finish_and_clear();
        Ok(())
    }

    /// Two documents of one id are not the same document twice.
    fn refuse_repeated(&mut self, item: &mut Item) {
        if item.id.is_empty() || item.piece.is_none() {
            return;
        }
        let key = Sha256::digest(format!("{}\0{}\0{}", item.customer, item.collection.name(), item.id));
        let mut short = [0; 16];
        short.copy_from_slice(&key[..16]);
        if !self.seen.insert(short) {
            item.piece = None;
            item.remarks.push(Remark::refused("id", "a document of this id came before"));
        }
    }

    async fn flush_all(&mut self, waiting: &mut BTreeMap<String, Waiting>) -> Outcome {
        for (customer, batch) in std::mem::take(waiting) {
            self.flush(&customer, batch).await?;
        }
        Ok(())
    }

    /// Takes documents of one kind and company, and tells what became of them.
    async fn flush(&mut self, customer: &str, batch: Waiting) -> Outcome {
        let mut items = batch.items;
        let Some(documents) = gather(&mut items) else { return Ok(()) };
        let Some(company) = self.companies.get_mut(customer) else { return Ok(()) };
        let rules = Rules { highest_number: company.highest_number, ..self.plan.rules.clone() };
        let told = if self.plan.is_rehearsal {
            let facts = self.facts.remove(customer).unwrap_or_default();
            let rehearsal = RehearseBatch { rules, documents, facts };
            let (told, facts) = match (company.tenant(self.desk).await?, self.desk.store()) {
                (Some(tenant), Some(store)) => store.read(&context(&tenant), rehearsal).await?,
                _ => rehearsal.on_nothing(SystemClock.now()),
            };
            self.facts.insert(customer.to_owned(), facts);
            told
        } else {
            company.make(self.desk, &self.plan.rules.source).await?;
            match self.desk.perform(Step::Take { slug: company.slug.clone(), rules, documents }).await? {
                Answer::Taken(told) => told,
                _ => return Err(Failure::new("a batch was answered with something else")),
            }
        };
        for (item, told) in items.iter().zip(&told) {
            self.tell(item, told)?;
        }
        self.report.flush()
    }

    /// What became of a document.
    fn tell(&mut self, item: &Item, told: &Told) -> Outcome {
        let tally = &mut self.companies.entry(item.customer.clone()).or_default().tally;
        if told.fate == Fate::Known {
            // All that there is to say was said when it was taken.
            tally.known += 1;
            return Ok(());
        }
        let remarks: Vec<&Remark> = item.remarks.iter().chain(&told.remarks).collect();
        match (told.fate, item.collection) {
            (Fate::Refused | Fate::Known, _) => tally.refused += 1,
            (Fate::Taken, Collection::User) => tally.people += 1,
            (Fate::Taken, Collection::Ticket) => tally.tickets += 1,
            (Fate::Taken, Collection::Message) => {}
            (Fate::Taken, Collection::Entry) => tally.entries += 1,
        }
        tally.messages += told.messages;
        tally.internal += told.internal;
        if told.fate == Fate::Taken {
            let left_out = remarks.iter().filter(|remark| remark.weight == Weight::LeftOut).count();
            tally.left_out += u64::try_from(left_out).unwrap_or(u64::MAX);
        }
        let about = about(item);
        remarks.into_iter().try_for_each(|remark| self.report.note(&about, remark))
    }

    /// A document that was not even understood.
    fn tell_refused(&mut self, item: &Item) -> Outcome {
        match self.companies.get_mut(&item.customer) {
            Some(company) => company.tally.refused += 1,
            None => self.of_nobody += 1,
        }
        let about = about(item);
        item.remarks.iter().try_for_each(|remark| self.report.note(&about, remark))
    }

    /// Ends it: companies that were made are open from now on.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn finish(&mut self) -> Outcome {
        if self.plan.is_rehearsal {
            return Ok(());
        }
        for (customer, company) in self.companies.iter_mut() {
            if company.is_nothing() {
                continue;
            }
            company.make(self.desk, &self.plan.rules.source).await?;
            let finish = Step::Finish {
                slug: company.slug.clone(),
                source: self.plan.rules.source.clone(),
                customer: customer.clone(),
                tally: company.tally,
                open: company.is_closed(),
            };
            self.desk.perform(finish).await?;
        }
        Ok(())
    }

    /// What was taken, all companies together.
    pub(super) fn total(&self) -> Tally {
        let mut total = Tally { refused: self.of_nobody, ..Tally::default() };
        for Company { tally, .. } in self.companies.values() {
            total.people += tally.people;
            total.tickets += tally.tickets;
            total.messages += tally.messages;
            total.internal += tally.internal;
            total.entries += tally.entries;
            total.known += tally.known;
            total.refused += tally.refused;
            total.left_out += tally.left_out;
        }
        total
    }
}

fn about(item: &Item) -> About<'_> {
    About {
        customer: &item.customer,
        file: &item.file,
        at: item.at,
        collection: item.collection,
        id: &item.id,
    }
}

/// About how much memory a document takes, and how much of what may be handed over at once (`door::LONGEST`).
fn weigh(item: &Item) -> usize {
    let fields = |map: &Map<String, Json>| {
        map.iter().map(|(name, value)| name.len() + weigh_json(value)).sum::<usize>()
    };
    let held = match &item.piece {
        Some(Piece::Ticket(ticket)) => {
            ticket.title.len()
                + ticket.description.len()
                + ticket.messages.iter().map(|message| message.body.len() + 100).sum::<usize>()
                + fields(&ticket.custom_fields)
        }
        Some(Piece::Message(loose)) => loose.message.body.len(),
        Some(Piece::Entry(entry)) => entry.action.len() + fields(&entry.details),
        Some(Piece::Person(person)) => person.name.len() + person.email.len(),
        None => 0,
    };
    held + 200
}

/// Its text and a little for each value in it. A source is nested no deeper than it can be read.
fn weigh_json(value: &Json) -> usize {
    8 + match value {
        Json::String(text) => text.len(),
        Json::Array(list) => list.iter().map(weigh_json).sum(),
        Json::Object(map) => map.iter().map(|(name, value)| name.len() + weigh_json(value)).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    }
}

/// The pieces of items of one kind.
fn gather(items: &mut [Item]) -> Option<Incoming> {
    let collection = items.first()?.collection;
    let (mut people, mut tickets, mut messages, mut entries) = (vec![], vec![], vec![], vec![]);
    for piece in items.iter_mut().filter_map(|item| item.piece.take()) {
        match piece {
            Piece::Person(person) => people.push(person),
            Piece::Ticket(ticket) => tickets.push(ticket),
            Piece::Message(message) => messages.push(message),
            Piece::Entry(entry) => entries.push(entry),
        }
    }
    Some(match collection {
        Collection::User => Incoming::People(people),
        Collection::Ticket => Incoming::Tickets(tickets),
        Collection::Message => Incoming::Messages(messages),
        Collection::Entry => Incoming::Entries(entries),
    })
}

impl Company {
    /// Whether an import keeps people out of it until its end.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.belongs, None | Some(Belonging::Empty | Belonging::Unfinished))
    }
}
