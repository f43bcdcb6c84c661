//! Datagrams: each is answered from the address that it was sent to, which is not always the socket's own.

use std::{
    io::{self, IoSlice, IoSliceMut},
    net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket},
    os::fd::AsRawFd as _,
    sync::Arc,
};

use model::TraceDeed;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg, setsockopt, sockopt,
};
use tokio::io::Interest;

use super::{
    book::{Body, Book},
    dns,
};

/// A socket for datagrams.
pub(crate) struct Door {
    socket: tokio::net::UdpSocket,
    local: SocketAddr,
}

/// One datagram.
struct Datagram {
    bytes: Vec<u8>,
    from: SocketAddr,
    /// Where it was sent to, as far as the kernel tells.
    to: SocketAddr,
}

impl Door {
    pub(crate) fn open(socket: UdpSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        if local.is_ipv4() {
            setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
        }
        Ok(Self { socket: tokio::net::UdpSocket::from_std(socket)?, local })
    }

    async fn receive(&self) -> io::Result<Datagram> {
        self.socket.async_io(Interest::READABLE, || self.take()).await
    }

    fn take(&self) -> io::Result<Datagram> {
        let mut bytes = vec![0; 64 << 10];
        let mut control = nix::cmsg_space!(libc::in_pktinfo);
        let mut to = self.local;
        let (count, from) = {
            let mut slices = [IoSliceMut::new(&mut bytes)];
            let message = recvmsg::<SockaddrStorage>(
                self.socket.as_raw_fd(),
                &mut slices,
                Some(&mut control),
                MsgFlags::empty(),
            )?;
            for one in message.cmsgs()? {
                if let ControlMessageOwned::Ipv4PacketInfo(info) = one {
                    to.set_ip(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr)).into());
                }
            }
            (message.bytes, message.address.as_ref().and_then(socket_address))
        };
        bytes.truncate(count);
        let from = from.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(Datagram { bytes, from, to })
    }

    fn answer(&self, datagram: &Datagram, bytes: &[u8]) {
        let slices = [IoSlice::new(bytes)];
        let peer = SockaddrStorage::from(datagram.from);
        let fd = self.socket.as_raw_fd();
        // An answer that gets lost is what datagrams are like.
        let _ = match datagram.to.ip() {
            IpAddr::V4(address) => {
                let source = libc::in_addr { s_addr: u32::from(address).to_be() };
                let info =
                    libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: source, ipi_addr: libc::in_addr { s_addr: 0 } };
                sendmsg(fd, &slices, &[ControlMessage::Ipv4PacketInfo(&info)], MsgFlags::MSG_DONTWAIT, Some(&peer))
            }
            IpAddr::V6(_) => sendmsg(fd, &slices, &[], MsgFlags::MSG_DONTWAIT, Some(&peer)),
        };
    }
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddrV4::new(v4.ip(), v4.port()).into());
    }
    address.as_sockaddr_in6().map(|v6| SocketAddrV6::new(v6.ip(), v6.port(), 0, v6.scope_id()).into())
}

/// Answers questions for names.
pub(crate) async fn serve_dns(book: &Arc<Book>, door: &Door) {
    loop {
        let Ok(datagram) = door.receive().await else { continue };
        if !book.spend(datagram.bytes.len()) {
            continue;
        }
        if let Some(answer) = dns::answer(book, &datagram.bytes, Some(datagram.from)) {
            door.answer(&datagram, &answer);
        }
    }
}

/// Takes every other datagram.
pub(crate) async fn serve_all(book: &Arc<Book>, door: &Door) {
    loop {
        let Ok(datagram) = door.receive().await else { continue };
        if !book.spend(datagram.bytes.len()) {
            continue;
        }
        let mut body = Body::new(book.limits.body);
        body.add(&datagram.bytes);
        let (protocol, answer): (_, &[u8]) = match datagram.bytes.as_slice() {
            // HTTP/3. Clients that get no answer come back over TCP, where they are understood.
            [first, ..] if first & 0xc0 == 0xc0 && datagram.bytes.len() >= 1200 => ("quic", b""),
            bytes if bytes.len() == 48 => ("ntp", b""),
            _ => ("udp", b"ok\n"),
        };
        let address = match book.names.name_of(datagram.to.ip()) {
            Some(name) => format!("{name}:{}", datagram.to.port()),
            None => datagram.to.to_string(),
        };
        let tokens = book.recognise(&address, &body.kept);
        let sent = body.size;
        let deed = TraceDeed::Raw { address, protocol: protocol.to_owned(), sent, head: body.head(), waited: false };
        book.note(Some(datagram.from), deed, tokens, body.content().into_iter().collect());
        if !answer.is_empty() {
            door.answer(&datagram, answer);
        }
    }
}
