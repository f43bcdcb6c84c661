//! The one thread that starts workers.
//!
//! A worker asks the kernel to end it with its parent, and the kernel takes "parent" to be the thread that started it. A
//! thread of the runtime's pool may end any time; this one lives exactly as long as the engine.

use std::{io, sync::mpsc, thread};

use tokio::{
    process::{Child, Command},
    runtime::Handle,
    sync::oneshot,
};

struct Order {
    command: Command,
    runtime: Handle,
    answer: oneshot::Sender<io::Result<Child>>,
}

/// Starts processes until it is dropped; then the kernel ends those that are left.
pub(crate) struct Spawner(mpsc::Sender<Order>);

impl Spawner {
    pub fn start() -> io::Result<Self> {
        let (sender, orders) = mpsc::channel::<Order>();
        thread::Builder::new().name("engine-spawner".into()).stack_size(256 << 10).spawn(move || {
            for Order { mut command, runtime, answer } in orders {
                let _context = runtime.enter();
                // The asker may have gone: then the child is dropped here, and so ended.
                let _ = answer.send(command.spawn());
            }
        })?;
        Ok(Self(sender))
    }

    pub async fn spawn(&self, command: Command) -> io::Result<Child> {
        let (answer, child) = oneshot::channel();
        let gone = || io::Error::other("the thread that starts workers has ended");
        self.0.send(Order { command, runtime: Handle::current(), answer }).map_err(|_| gone())?;
        child.await.map_err(|_| gone())?
    }
}
