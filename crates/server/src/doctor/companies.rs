//! What each company has: its data as the engine sees it, its ledger, its deliveries, and whether its admins can
//! be found when they sign in.

use std::collections::HashSet;

use flowbit_domain::{
    Error, Query, Result, TenantCtx, TenantRead, Timestamp,
    audit::{GetHead, ReadLedger},
    control::{Tenant, TenantState},
    delivery::CountStuck,
    event::ChainVerifier,
};
use flowbit_store::Store;

use super::{Findings, STUCK_AFTER};

/// Events read at once.
const PIECE: usize = 1_000;
/// Clocks may differ by so much, in milliseconds.
const AHEAD_MS: i64 = 60_000;

/// The addresses of everybody.
struct ListEmails;

impl Query for ListEmails {
    type Output = HashSet<String>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<HashSet<String>> {
        let emails = tx.query("SELECT email FROM users", &[], |row| Ok(row.text(0)?.to_owned())).await?;
        Ok(emails.into_iter().collect())
    }
}

/// The addresses of those who could put things right.
struct ListAdmins;

impl Query for ListAdmins {
    type Output = Vec<String>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Vec<String>> {
        const SQL: &str = "SELECT email FROM users WHERE active AND role = 'admin' ORDER BY email";
        Ok(tx.query(SQL, &[], |row| Ok(row.text(0)?.to_owned())).await?)
    }
}

pub(super) async fn examine(store: &Store, now: Timestamp, findings: &mut Findings<'_>) {
    let tenants = match store.control().tenants().await {
        Ok(tenants) => tenants,
        Err(error) => return findings.wrong("companies", error),
    };
    for tenant in &tenants {
        #[expect(clippy::disallowed_methods, reason = "an operator's command about all tenants")]
        let key = TenantCtx::for_operator(tenant.id);
        if let Err(error) = examine_company(store, tenant, &key, now, findings).await {
            findings.wrong(&tenant.slug, error);
        }
    }
    findings.fine("companies", format!("{} were looked at", tenants.len()));
}

async fn examine_company(
    store: &Store,
    tenant: &Tenant,
    key: &TenantCtx,
    now: Timestamp,
    findings: &mut Findings<'_>,
) -> Result<()> {
    let slug = tenant.slug.as_str();
    let wrong = store.inspect_tenant(key).await?;
    wrong.iter().for_each(|line| findings.wrong(slug, format!("its file: {line}")));
    examine_ledger(store, slug, key, now, findings).await?;
    examine_directory(store, tenant, key, findings).await?;
    let admins = store.read(key, ListAdmins).await?;
    if admins.is_empty() {
        findings.notable(slug, "it has no active admin: flowbit user create, or reset-password");
    }
    for email in admins {
        let known = store.control().tenants_of_email(&email).await.map_err(Error::from)?;
        if !known.contains(&tenant.id) {
            findings.wrong(slug, format!("{email} is not in the directory, and can't sign in"));
        }
    }
    if tenant.state == TenantState::Active {
        let late = i64::try_from(STUCK_AFTER.as_millis()).unwrap_or(i64::MAX);
        let stuck = store.read(key, CountStuck { before: now.plus_ms(-late) }).await?;
        let minutes = STUCK_AFTER.as_secs() / 60;
        if stuck.waiting > 0 {
            let waiting = stuck.waiting;
            findings.wrong(
                slug,
                format!("{waiting} deliveries have been due for over {minutes} minutes: does a server run?"),
            );
        }
        if stuck.abandoned > 0 {
            let abandoned = stuck.abandoned;
            findings.wrong(
                slug,
                format!("{abandoned} deliveries were begun over {minutes} minutes ago and left"),
            );
        }
        if stuck.dead > 0 {
            findings.notable(slug, format!("{} deliveries were given up: see Workflows", stuck.dead));
        }
    }
    Ok(())
}

/// Addresses that sign-ins are led to this company by, and that nobody there has: an erasure of a person that broke
/// off leaves one.
async fn examine_directory(
    store: &Store,
    tenant: &Tenant,
    key: &TenantCtx,
    findings: &mut Findings<'_>,
) -> Result<()> {
    // The directory first: who is added meanwhile is not taken for one who is gone.
    let noted = store.control().emails_of_tenant(tenant.id).await.map_err(Error::from)?;
    let known = store.read(key, ListEmails).await?;
    let slug = tenant.slug.as_str();
    for email in noted.iter().filter(|email| !known.contains(*email)) {
        findings.notable(
            slug,
            format!(
                "{email} is in the directory and nobody's: flowbit user erase --tenant {slug} --email {email} --yes"
            ),
        );
    }
    Ok(())
}

async fn examine_ledger(
    store: &Store,
    slug: &str,
    key: &TenantCtx,
    now: Timestamp,
    findings: &mut Findings<'_>,
) -> Result<()> {
    let head = store.read(key, GetHead).await?;
    let mut chain = ChainVerifier::default();
    let mut newest = Timestamp(0);
    while chain.size < head.size {
        let left = usize::try_from(head.size - chain.size).unwrap_or(PIECE);
        let events = store.read(key, ReadLedger { after: chain.size, limit: left.min(PIECE) }).await?;
        if events.is_empty() {
            findings.wrong(
                slug,
                format!("its ledger ends after seq {}, and should at {}", chain.size, head.size),
            );
            return Ok(());
        }
        for event in &events {
            newest = newest.max(event.at);
            if let Err(fault) = chain.check(event) {
                findings.wrong(slug, format!("its ledger is broken at seq {}: {}", fault.seq, fault.reason));
                return Ok(());
            }
        }
    }
    if chain.head != head.hash {
        findings.wrong(slug, format!("its ledger does not end at seq {} as it should", head.size));
        return Ok(());
    }
    match chain.finish() {
        Err(fault) => {
            findings.wrong(slug, format!("its ledger is broken at seq {}: {}", fault.seq, fault.reason))
        }
        Ok(_) => {
            findings.fine(slug, format!("its data is sound and its ledger of {} events whole", head.size))
        }
    }
    if newest.0 > now.0.saturating_add(AHEAD_MS) {
        findings.wrong(slug, format!("its newest event is of {newest}: the clock went back, or was ahead"));
    }
    Ok(())
}
