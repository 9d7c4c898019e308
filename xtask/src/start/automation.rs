//! n8n beside Flowbit: installed, connected and kept alive on a thread of its own, so that Flowbit is usable
//! from its first second and never stops because n8n did.

use crate::console;
use crate::n8n;
use crate::n8n::install;
use crate::n8n::instance::{Claim, Instance};
use crate::process::Service;
use crate::stop::{Stop, Stopped};
use anyhow::{Result, bail};
use flowbit_connect::endpoint::{Connected, Connector, Tested};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often n8n is started again before it is left alone.
const TRIES: u32 = 3;

/// How long a test delivery may wait for its first attempt.
const TESTED_WITHIN: Duration = Duration::from_secs(45);

/// What n8n needs from Flowbit, once that is up.
pub(crate) struct Wanted {
    pub(crate) connector: Connector,
    pub(crate) companies: Vec<Connected>,
}

/// The thread, and what it tells.
pub(crate) struct Automation {
    thread: JoinHandle<Result<()>>,
    wanted: mpsc::Sender<Wanted>,
    /// n8n's process number, 0 while there is none.
    pub(crate) pid: Arc<AtomicU32>,
    /// One message when the workflows have answered.
    pub(crate) ready: mpsc::Receiver<()>,
}

impl Automation {
    /// Begins at once with the installation; everything else waits for [`Automation::connect`].
    pub(crate) fn begin(claim: Claim, port: u16, stop: Stop) -> Self {
        let (wanted, wants) = mpsc::channel();
        let (tell, ready) = mpsc::channel();
        let pid = Arc::new(AtomicU32::new(0));
        let shown = Arc::clone(&pid);
        let thread = std::thread::spawn(move || {
            let done = look_after(claim, port, &wants, &tell, &shown, &stop);
            if let Err(error) = &done
                && !error.is::<Stopped>()
            {
                console::warn(format!(
                    "n8n: {error:#}\nn8n: Flowbit goes on without it, and deliveries wait."
                ));
            }
            done
        });
        Self { thread, wanted, pid, ready }
    }

    /// Tells the thread what to connect.
    pub(crate) fn connect(&self, wanted: Wanted) {
        // The thread may have given up already; it says so itself when it is joined.
        let _ = self.wanted.send(wanted);
    }

    /// Waits for the thread's end. The reason of a failure was said when it happened.
    pub(crate) fn join(self) -> Result<()> {
        match self.thread.join() {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if error.is::<Stopped>() => Ok(()),
            Ok(Err(_)) => bail!("stopped as asked, but n8n had failed"),
            Err(_) => bail!("the thread that looks after n8n panicked"),
        }
    }
}

fn receive(wants: &mpsc::Receiver<Wanted>, stop: &Stop) -> Result<Wanted> {
    loop {
        stop.check()?;
        match wants.recv_timeout(Duration::from_millis(100)) {
            Ok(wanted) => return Ok(wanted),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(Stopped.into()),
        }
    }
}

fn look_after(
    claim: Claim,
    port: u16,
    wants: &mpsc::Receiver<Wanted>,
    tell: &mpsc::Sender<()>,
    pid: &AtomicU32,
    stop: &Stop,
) -> Result<()> {
    let install = install::ensure(stop)?;
    let wanted = receive(wants, stop)?;
    let n8n = Instance::open(install, claim, port)?;
    Keeper { n8n, wanted, stop, pid }.keep(tell)
}

struct Keeper<'a> {
    n8n: Instance,
    wanted: Wanted,
    stop: &'a Stop,
    pid: &'a AtomicU32,
}

impl Keeper<'_> {
    /// Starts n8n, and again when it dies, but not for ever.
    fn keep(&mut self, tell: &mpsc::Sender<()>) -> Result<()> {
        let mut tries = 0;
        loop {
            let error = match self.run(tell) {
                Ok(()) => return Ok(()),
                Err(error) if error.is::<Stopped>() => return Ok(()),
                Err(error) => error,
            };
            tries += 1;
            if tries >= TRIES {
                return Err(error.context(format!("n8n failed {tries} times and is left alone")));
            }
            console::warn(format!(
                "n8n: {error:#}\nn8n: starting it again; Flowbit goes on and deliveries wait."
            ));
            self.stop.sleep(Duration::from_secs(3))?;
        }
    }

    /// One life of n8n.
    fn run(&mut self, tell: &mpsc::Sender<()>) -> Result<()> {
        let mut service = self.start()?;
        let done = self.serve(&mut service, tell);
        self.pid.store(0, Ordering::SeqCst);
        service.stop(n8n::GRACE, self.stop);
        done
    }

    fn start(&self) -> Result<Service> {
        let companies: Vec<_> =
            self.wanted.companies.iter().map(|one| (one.company.clone(), one.secrets.clone())).collect();
        self.n8n.import(&companies, self.stop)?;
        console::say("n8n: starting");
        let service = self.n8n.start()?;
        self.pid.store(service.pid(), Ordering::SeqCst);
        Ok(service)
    }

    fn serve(&mut self, service: &mut Service, tell: &mpsc::Sender<()>) -> Result<()> {
        let paths: Vec<String> = self.wanted.companies.iter().map(|one| one.company.path()).collect();
        self.n8n.wait(service, &paths, self.stop)?;
        let login = self.n8n.ensure_owner()?;
        if self.renew_refused()? {
            // Imported credentials are read at once, but what is published only at a start.
            bail!("the secrets kept for its workflows were old; new ones are made");
        }
        let names: Vec<&str> = self.wanted.companies.iter().map(|one| one.company.name.as_str()).collect();
        let names = if names.is_empty() { "nobody".to_owned() } else { names.join(" and ") };
        console::say(format!("n8n: ready and connected with {names}"));
        console::say(format!("n8n: {} (its account: {})", self.n8n.address(), shown(&login)));
        let _ = tell.send(());
        loop {
            service.check()?;
            self.stop.sleep(Duration::from_millis(500))?;
        }
    }

    /// Sends each company's test delivery. Where n8n refuses the secrets, somebody rotated them elsewhere: they
    /// are made anew, and the answer is `true`.
    fn renew_refused(&mut self) -> Result<bool> {
        let mut renewed = false;
        for one in &mut self.wanted.companies {
            let delivery = self.wanted.connector.test(one)?;
            let tested = self.stop.wait_for(TESTED_WITHIN, || delivery.look())?;
            let untried =
                || Tested::Failed(format!("no attempt was made within {}", console::took(TESTED_WITHIN)));
            match tested.unwrap_or_else(untried) {
                Tested::Delivered => {}
                Tested::Refused => {
                    *one = self.wanted.connector.renew(one)?;
                    renewed = true;
                }
                Tested::Failed(why) => console::warn(format!(
                    "n8n: the test delivery of {} did not arrive: {why}. Its deliveries are tried again.",
                    one.company.name
                )),
            }
        }
        Ok(renewed)
    }
}

/// A path as short as it can be read from where the person is.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
