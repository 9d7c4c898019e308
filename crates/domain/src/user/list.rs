//! Listing people.

use uuid::Uuid;

use crate::{
    cursor::{self, Page},
    error::Result,
    policy::{self, Deed, Subject},
    principal::Principal,
    text,
    tx::{Query, TenantRead, Value},
    user::{User, select_user, user_from_row},
};

/// Lists the people of a company by name.
#[derive(Debug)]
pub struct ListUsers {
    /// Who asks.
    pub principal: Principal,
    /// Letters that name or address contain.
    pub text: Option<String>,
    /// At most how many (1 to 100).
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A pattern for LIKE that finds `text` as it stands.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl Query for ListUsers {
    type Output = Page<User>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Page<User>> {
        policy::require(&self.principal, Deed::Administer, Subject::Company)?;
        let mut params: Vec<Value> = Vec::new();
        let mut conditions = Vec::new();
        if let Some(text) = self.text.as_deref().filter(|t| !text::is_blank(t)) {
            params.push(containing(text).into());
            conditions.push(format!("folded LIKE ${} ESCAPE '\\'", params.len()));
        }
        if let Some(cursor) = &self.cursor {
            let (name, id): (String, Uuid) = cursor::decode(cursor)?;
            params.extend([name.into(), id.into()]);
            conditions.push(format!("(name, id) > (${}, ${})", params.len() - 1, params.len()));
        }
        let fetched = i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1);
        params.push(fetched.into());
        let place = params.len();
        let filtered =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        let sql = format!("{}{filtered} ORDER BY name, id LIMIT ${place}", select_user!(""));
        let rows = tx.query(&sql, &params, user_from_row).await?;
        Ok(Page::from_rows(rows, self.limit, |user| (user.name.clone(), user.id.0)))
    }
}
