//! Opening the engine: what is checked, made and finished before the first request.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use flowbit_domain::StoreError;

use super::{
    Embedded, Shared,
    connection::{TenantOpening, open_control},
    control::{Desk, EmbeddedControl, finish_leftovers},
    files::Files,
    folder::{Folder, failed},
    migration::{self, MigrationError, Step},
    reader,
    seqs::Seqs,
    writer,
};
use crate::counters::Counters;
use crate::journey::Timings;
use crate::options::{Mode, OpenError, StoreOptions};
use crate::turns::Turns;

/// Older ones can corrupt a file when a write-ahead log begins anew (the WAL-reset bug).
const OLDEST_ENGINE: i32 = 3_051_003;
/// Descriptors that one connection takes: its file, the log and the log's index.
const DESCRIPTORS: u64 = 3;
/// Descriptors left for everything but tenants' files.
const DESCRIPTORS_SPARED: u64 = 128;

impl Embedded {
    /// Opens the data folder. Blocks for some milliseconds, however many tenants there are.
    pub(crate) fn open(options: StoreOptions, timings: Arc<Timings>) -> Result<Self, OpenError> {
        check_settings(&options)?;
        check_engine(rusqlite::version_number(), rusqlite::version())?;
        let limit = connection_limit(&options)?;
        let folder = Folder::open(&options.data, options.mode)?;
        let exclusive = options.mode == Mode::Exclusive;
        let lock = if exclusive { Some(folder.lock()?) } else { None };

        let path = folder.control();
        let now = options.clock.now();
        let control_failed = |e: MigrationError| match e {
            MigrationError::Engine(e) => engine("opening", &path, &e),
            refused => OpenError::Schema(format!("{}: {refused}", path.display())),
        };
        let control_writer = if exclusive {
            // Where there are tenants' files there was a control file. Beginning anew without it would be
            // as if there had never been a company.
            let has_tenants =
                folder.has_tenants().map_err(|cause| failed("looking into", &options.data, cause))?;
            let step = if has_tenants { Step::Upgrade } else { Step::Create };
            Folder::touch(&path).map_err(|cause| failed("making", &path, cause))?;
            let mut conn = open_control(&path, step, now).map_err(control_failed)?;
            folder.sync().map_err(|cause| failed("syncing", &options.data, cause))?;
            finish_leftovers(&mut conn, &folder, now)
                .map_err(|e| engine("finishing leftovers in", &path, &e))?;
            folder.sweep().map_err(|cause| failed("clearing up in", &options.data, cause))?;
            Ok(conn)
        } else {
            let by = folder
                .writer_pid()
                .map_or_else(String::new, |pid| format!("; process {pid} is running on it"));
            Err(StoreError::Unavailable(format!("the data is open for reading only{by}")))
        };
        let control_reader = open_control(&path, Step::Check, now).map_err(control_failed)?;

        let counters = Arc::new(Counters::default());
        let opening = TenantOpening {
            step: if exclusive { Step::Upgrade } else { Step::Check },
            migrations: migration::TENANT,
            file_pages: options.file_pages,
            counters: Arc::clone(&counters),
        };
        let shared = Arc::new(Shared {
            files: Files::new(folder.clone(), opening, Arc::clone(&options.clock), limit),
            clock: options.clock,
            randomness: options.randomness,
            listener: options.listener,
            batch_max: options.batch_max,
            batch_time: options.batch_time,
            read_turn: options.read_turn,
            read_timeout: options.read_timeout,
            fsync_delay: options.fsync_delay,
            counters,
            timings,
            seqs: Seqs::default(),
            folder,
            lock: Mutex::new(lock),
        });
        let queue = options.queue_per_tenant;
        let readers = Arc::new(Turns::new(queue));
        let writers: Vec<_> = (0..options.writers).map(|_| Arc::new(Turns::new(queue))).collect();
        let writers = control_writer.as_ref().map(|_| writers).map_err(Clone::clone);
        let (control, desks) = EmbeddedControl::new(control_reader, control_writer, Arc::clone(&shared))
            .map_err(|e| engine("reading", &path, &e))?;

        // Whatever threads have begun end when this is dropped, should one of the next not begin.
        let reading_threads = options.readers;
        let engine = Self { shared, writers, readers, reading_threads, control, threads: Mutex::default() };
        engine.start(desks)?;
        Ok(engine)
    }

    fn start(&self, desks: Vec<Desk>) -> Result<(), OpenError> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = Arc::clone(&self.shared);
        threads.housekeeper = Some(spawn("flowbit-files".to_owned(), move || shared.files.keep_house())?);
        for (n, desk) in desks.into_iter().enumerate() {
            threads.working.push(spawn(format!("flowbit-ctl-{n}"), move || desk.work())?);
        }
        for n in 0..self.reading_threads {
            let (shared, turns) = (Arc::clone(&self.shared), Arc::clone(&self.readers));
            threads.working.push(spawn(format!("flowbit-read-{n}"), move || reader::work(&shared, &turns))?);
        }
        for (n, turns) in self.writers.iter().flatten().enumerate() {
            let (shared, turns) = (Arc::clone(&self.shared), Arc::clone(turns));
            threads.working.push(spawn(format!("flowbit-write-{n}"), move || writer::work(&shared, &turns))?);
        }
        Ok(())
    }
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    let spawned = std::thread::Builder::new().name(name).spawn(work);
    spawned.map_err(|cause| OpenError::Io { what: "starting a thread".to_owned(), cause })
}

fn engine(what: &str, path: &Path, cause: &dyn std::fmt::Display) -> OpenError {
    OpenError::Engine { what: format!("{what} {}", path.display()), cause: cause.to_string() }
}

fn check_engine(number: i32, name: &str) -> Result<(), OpenError> {
    if number < OLDEST_ENGINE {
        return Err(OpenError::EngineTooOld { found: name.to_owned() });
    }
    Ok(())
}

fn check_settings(options: &StoreOptions) -> Result<(), OpenError> {
    let within = |key, value: usize, low: usize, high: usize| {
        if (low..=high).contains(&value) {
            return Ok(());
        }
        Err(OpenError::Setting { key, value: value.to_string(), allowed: format!("{low} to {high}") })
    };
    within("writers", options.writers, 1, 16)?;
    within("readers", options.readers, 1, 64)?;
    within("connections", options.connections, connections_needed(options), 100_000)?;
    within("queue_per_tenant", options.queue_per_tenant, 1, 1_000_000)?;
    within("batch_max", options.batch_max, 1, 100_000)
}

/// One for each thread that may hold one, and room to open the next while another is being closed.
fn connections_needed(options: &StoreOptions) -> usize {
    options.writers + options.readers + 2
}

/// As many connections as wished, or as the process's limit of descriptors holds.
fn connection_limit(options: &StoreOptions) -> Result<usize, OpenError> {
    let Some(soft) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current else {
        return Ok(options.connections);
    };
    let held = usize::try_from(soft.saturating_sub(DESCRIPTORS_SPARED) / DESCRIPTORS).unwrap_or(usize::MAX);
    if held >= options.connections {
        return Ok(options.connections);
    }
    let needed = connections_needed(options);
    if held < needed {
        return Err(OpenError::Setting {
            key: "the limit of open files (ulimit -n)",
            value: soft.to_string(),
            allowed: format!("at least {}", needed as u64 * DESCRIPTORS + DESCRIPTORS_SPARED),
        });
    }
    tracing::warn!(
        wished = options.connections,
        used = held,
        ulimit = soft,
        "fewer tenants' files can be kept open than wished; raise the limit of open files"
    );
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_can_corrupt_a_file_is_refused_by_its_name() {
        assert!(check_engine(3_051_003, "3.51.3").is_ok());
        assert!(check_engine(rusqlite::version_number(), rusqlite::version()).is_ok());
        let refused = check_engine(3_051_002, "3.51.2").unwrap_err();
        assert!(matches!(&refused, OpenError::EngineTooOld { found } if found == "3.51.2"), "{refused}");
        assert!(refused.to_string().contains("3.51.3"), "it says which is needed: {refused}");
    }
}
