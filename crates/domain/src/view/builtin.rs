//! The views that everybody has, as filters like any other.

use crate::ticket::{Choice, Expression, Moment, Status, WhichTeam, Who, WorkflowState};

/// A view that everybody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// What is left to do of one's own, but for what is put aside.
    Mine,
    /// Where a message names one.
    Mentioned,
    /// What is left to do of the teams that one belongs to.
    MyTeams,
    /// What is left to do and nobody's.
    Unassigned,
    /// What is left to do, but for what is put aside.
    Open,
    /// What is put aside.
    Snoozed,
    /// Whose workflow is overdue.
    Overdue,
    /// What was resolved or closed in the last seven days.
    Solved,
    /// All.
    All,
}

impl BuiltIn {
    /// All of them, as they stand beside the list.
    pub const ALL: &'static [Self] = &[
        Self::Mine,
        Self::Mentioned,
        Self::MyTeams,
        Self::Unassigned,
        Self::Open,
        Self::Snoozed,
        Self::Overdue,
        Self::Solved,
        Self::All,
    ];

    /// The name as in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Mentioned => "mentioned",
            Self::MyTeams => "my_teams",
            Self::Unassigned => "unassigned",
            Self::Open => "open",
            Self::Snoozed => "snoozed",
            Self::Overdue => "overdue",
            Self::Solved => "solved",
            Self::All => "all",
        }
    }

    /// Which tickets.
    #[must_use]
    pub fn filter(self) -> Expression {
        let live = || {
            let live = Status::ALL.iter().copied().filter(|status| status.is_live());
            Expression::Status(Choice::Is(live.collect()))
        };
        let awake = || Expression::Snoozed(false);
        let of = |who| Expression::Assignee(Choice::Is(vec![who]));
        match self {
            Self::Mine => Expression::All(vec![live(), of(Who::Me), awake()]),
            Self::Mentioned => Expression::Mentioned(Choice::Is(vec![Who::Me])),
            Self::MyTeams => {
                let theirs = Expression::Team(Choice::Is(vec![WhichTeam::Mine]));
                Expression::All(vec![live(), theirs, awake()])
            }
            Self::Unassigned => Expression::All(vec![live(), of(Who::Nobody), awake()]),
            Self::Open => Expression::All(vec![live(), awake()]),
            Self::Snoozed => Expression::Snoozed(true),
            Self::Overdue => Expression::Workflow(Choice::Is(vec![WorkflowState::Overdue])),
            Self::Solved => Expression::ResolvedAt(Moment::WithinDays(7)),
            Self::All => Expression::All(Vec::new()),
        }
    }
}
