//! The words by which sources call roles, states and priorities. What is not among them is not guessed:
//! the operator says it with `--map status:WORD=waiting`.

use flowbit_domain::{
    Role,
    ticket::{Priority, Status},
};

/// The role of that word (folded).
pub(super) fn role(word: &str) -> Option<Role> {
    Some(match word {
        "user" | "customer" | "client" | "requester" | "enduser" | "member" | "employee" => Role::User,
        "agent" | "support" | "supportagent" | "staff" | "technician" => Role::Agent,
        "admin" | "administrator" => Role::Admin,
        _ => return None,
    })
}

/// Whether somebody of that word (folded) may sign in.
pub(super) fn is_active(word: &str) -> Option<bool> {
    match word {
        "active" | "enabled" | "approved" | "verified" => Some(true),
        "inactive" | "disabled" | "blocked" | "suspended" | "deleted" | "banned" | "deactivated" => {
            Some(false)
        }
        _ => None,
    }
}

/// The state of that word (folded).
pub(super) fn status(word: &str) -> Option<Status> {
    Some(match word {
        "open" | "new" | "todo" | "reopened" => Status::Open,
        "inprogress" | "processing" | "working" | "inwork" => Status::InProgress,
        "waiting" | "pending" | "hold" | "onhold" | "waitingforcustomer" => Status::Waiting,
        "resolved" | "solved" | "done" | "fixed" | "completed" => Status::Resolved,
        "closed" | "archived" => Status::Closed,
        _ => return None,
    })
}

/// The priority of that word (folded).
pub(super) fn priority(word: &str) -> Option<Priority> {
    Some(match word {
        "low" | "minor" | "lowest" => Priority::Low,
        "normal" | "medium" | "moderate" => Priority::Normal,
        "high" | "major" => Priority::High,
        "urgent" | "critical" | "highest" | "blocker" | "emergency" => Priority::Urgent,
        _ => return None,
    })
}
