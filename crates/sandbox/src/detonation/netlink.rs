//! Speaking to the kernel's network configuration: messages of attributes, and the answers to them.

use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
};

use super::kernel::checked;

/// A message, or a batch of them.
#[derive(Debug, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

/// Asks for an answer even when all went well.
const REQUEST: u16 = 0x1 | 0x4;
/// Makes a thing that must not be there yet.
pub(super) const CREATE: u16 = 0x200 | 0x400;
const HEAD: usize = 16;

impl Message {
    /// Adds a message of this type with its fixed part and its attributes.
    pub fn add(&mut self, kind: u16, flags: u16, fixed: &[u8], attributes: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(&(REQUEST | flags).to_ne_bytes());
        self.bytes.extend_from_slice(&[0; 8]);
        self.bytes.extend_from_slice(fixed);
        self.align();
        attributes(self);
        let length = u32::try_from(self.bytes.len() - start).unwrap_or(0);
        self.bytes[start..start + 4].copy_from_slice(&length.to_ne_bytes());
    }

    /// Adds a message that begins or ends a batch; these are not answered.
    pub fn add_mark(&mut self, kind: u16, fixed: &[u8]) {
        let start = self.bytes.len();
        self.add(kind, 0, fixed, |_| ());
        self.bytes[start + 6..start + 8].copy_from_slice(&1u16.to_ne_bytes());
    }

    /// An attribute with these bytes.
    pub fn put(&mut self, kind: u16, value: &[u8]) {
        let length = u16::try_from(value.len() + 4).unwrap_or(0);
        self.bytes.extend_from_slice(&length.to_ne_bytes());
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(value);
        self.align();
    }

    /// A text that ends with zero.
    pub fn put_text(&mut self, kind: u16, value: &str) {
        self.put(kind, &[value.as_bytes(), &[0]].concat());
    }

    /// A number in this machine's order.
    pub fn put_number(&mut self, kind: u16, value: u32) {
        self.put(kind, &value.to_ne_bytes());
    }

    /// A number in the network's order, as the packet filter wants it.
    pub fn put_big(&mut self, kind: u16, value: u32) {
        self.put(kind, &value.to_be_bytes());
    }

    /// An attribute that holds others.
    pub fn nest(&mut self, kind: u16, inner: impl FnOnce(&mut Self)) {
        const NESTED: u16 = 1 << 15;
        let start = self.bytes.len();
        self.put(kind | NESTED, &[]);
        inner(self);
        let length = u16::try_from(self.bytes.len() - start).unwrap_or(0);
        self.bytes[start..start + 2].copy_from_slice(&length.to_ne_bytes());
    }

    /// Fixed bytes inside an attribute.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.align();
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

/// A connection to one part of the kernel's configuration, in the network namespace in which it was made.
pub(super) struct Netlink(OwnedFd);

impl Netlink {
    /// Opens `NETLINK_ROUTE`, `NETLINK_NETFILTER` or another.
    pub fn open(protocol: libc::c_int) -> io::Result<Self> {
        // SAFETY: Numbers only.
        let socket = unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, protocol) };
        let socket = RawFd::try_from(checked(socket.into())?).unwrap_or(-1);
        // SAFETY: The kernel has just made it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(socket) }))
    }

    /// Sends what is in the message and waits for this many answers.
    pub fn ask(&self, message: &Message, answers: usize) -> io::Result<()> {
        let bytes = &message.bytes;
        // SAFETY: The bytes live until the call returns.
        checked(unsafe { libc::send(self.0.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), 0) } as libc::c_long)?;
        let mut seen = 0;
        while seen < answers {
            let mut buffer = [0u8; 16384];
            // SAFETY: The buffer has the size that is told.
            let read = unsafe { libc::recv(self.0.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), 0) };
            let read = usize::try_from(checked(read as libc::c_long)?).unwrap_or(0);
            let mut rest = &buffer[..read.min(buffer.len())];
            while rest.len() >= HEAD {
                let length = u32::from_ne_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
                let kind = u16::from_ne_bytes([rest[4], rest[5]]);
                if kind == libc::NLMSG_ERROR as u16 && rest.len() >= HEAD + 4 {
                    let code = i32::from_ne_bytes([rest[16], rest[17], rest[18], rest[19]]);
                    if code != 0 {
                        return Err(io::Error::from_raw_os_error(-code));
                    }
                    seen += 1;
                }
                rest = rest.get(length.next_multiple_of(4).max(HEAD)..).unwrap_or_default();
            }
        }
        Ok(())
    }

    /// Sends one message and waits for its answer.
    pub fn tell(&self, kind: u16, flags: u16, fixed: &[u8], attributes: impl FnOnce(&mut Message)) -> io::Result<()> {
        let mut message = Message::default();
        message.add(kind, flags, fixed, attributes);
        self.ask(&message, 1)
    }
}
