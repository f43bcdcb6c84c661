//! Two network namespaces with one cable between them, and no link to this machine's network.
//!
//! The supervisor lives in one of them, the *sink*: every address of the world is its own there, and every port leads to
//! its sockets. The guest lives in the other and finds a default route. It could not touch the sink's rules even if it
//! had every capability in its own namespaces.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket},
};

use super::{
    kernel::interface,
    netlink::{CREATE, Message, Netlink},
};
use crate::sink::Sockets;

/// The sink's address on the cable: the guest's gateway and resolver.
pub(super) const GATEWAY_V4: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
const GUEST_V4: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);
const GATEWAY_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2);
const GUEST_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0x15);

/// Where every connection ends, whatever its port.
const TCP_PORT: u16 = 1;
/// Where every datagram ends, except questions to the resolver.
const UDP_PORT: u16 = 2;
const DNS_PORT: u16 = 53;

/// Prepares the sink's side; this process is in its namespace.
///
/// The local address of an accepted connection is the one that the guest asked for, and `SO_ORIGINAL_DST` tells the port as
/// well. A datagram's address is told by `IP_PKTINFO` and its port by its mark (`SO_RCVMARK`, in the network's order).
pub(super) fn prepare_sink() -> io::Result<Sockets> {
    let route = Netlink::open(libc::NETLINK_ROUTE)?;
    raise(&route, "lo")?;
    let loopback = interface("lo")?;
    let local = Way { target: Target::Local, table: TABLE_LOCAL, interface: loopback };
    way(&route, &[0; 4], &local)?;
    // In IPv6 the local table is asked first and would swallow the way back to the guest: a later table it is.
    let v6 = way(&route, &[0; 16], &Way { target: Target::Local, table: TABLE_DEFAULT, interface: loopback })
        .and_then(|()| rule_v6(&route))
        .is_ok();
    redirect()?;
    let v4_any = Ipv4Addr::UNSPECIFIED;
    let tcp = if v6 { both_families(TCP_PORT)?.into() } else { TcpListener::bind((v4_any, TCP_PORT))? };
    Ok(Sockets {
        dns_udp: UdpSocket::bind((v4_any, DNS_PORT))?,
        dns_tcp: TcpListener::bind((v4_any, DNS_PORT))?,
        tcp,
        udp: UdpSocket::bind((v4_any, UDP_PORT))?,
    })
}

/// Lays the cable between the sink and the guest's first process.
pub(super) fn connect_guest(init: libc::pid_t) -> io::Result<()> {
    const VETH_INFO_PEER: u16 = 1;
    let route = Netlink::open(libc::NETLINK_ROUTE)?;
    route.tell(libc::RTM_NEWLINK, CREATE, &link(0, false), |message| {
        message.put_text(libc::IFLA_IFNAME, "sink");
        message.nest(libc::IFLA_LINKINFO, |message| {
            message.put_text(libc::IFLA_INFO_KIND, "veth");
            message.nest(libc::IFLA_INFO_DATA, |message| {
                message.nest(VETH_INFO_PEER, |message| {
                    message.raw(&link(0, false));
                    message.put_text(libc::IFLA_IFNAME, "eth0");
                    message.put_number(libc::IFLA_NET_NS_PID, init.unsigned_abs());
                });
            });
        });
    })?;
    let index = interface("sink")?;
    address(&route, index, &GATEWAY_V4.octets(), 24)?;
    let _ = address(&route, index, &GATEWAY_V6.octets(), 64);
    raise(&route, "sink")
}

/// Sets up the guest's side; this process is in its namespace.
pub(crate) fn prepare_guest(connected: bool) -> io::Result<()> {
    let route = Netlink::open(libc::NETLINK_ROUTE)?;
    raise(&route, "lo")?;
    if !connected {
        return Ok(());
    }
    let index = interface("eth0")?;
    address(&route, index, &GUEST_V4.octets(), 24)?;
    let v6 = address(&route, index, &GUEST_V6.octets(), 64);
    raise(&route, "eth0")?;
    way(&route, &[0; 4], &Way { target: Target::Gateway(&GATEWAY_V4.octets()), table: TABLE_MAIN, interface: index })?;
    if v6.is_ok() {
        let gateway = GATEWAY_V6.octets();
        // A machine without IPv6 is an ordinary machine.
        let _ = way(&route, &[0; 16], &Way { target: Target::Gateway(&gateway), table: TABLE_MAIN, interface: index });
    }
    Ok(())
}

const TABLE_DEFAULT: u8 = 253;
const TABLE_MAIN: u8 = 254;
const TABLE_LOCAL: u8 = 255;

/// Where a route leads.
enum Target<'a> {
    /// To this machine.
    Local,
    Gateway(&'a [u8]),
}

struct Way<'a> {
    target: Target<'a>,
    table: u8,
    interface: u32,
}

fn family(address: &[u8]) -> u8 {
    let family = if address.len() == 4 { libc::AF_INET } else { libc::AF_INET6 };
    u8::try_from(family).unwrap_or_default()
}

/// The fixed part of a message about an interface.
fn link(index: u32, up: bool) -> [u8; 16] {
    let mut fixed = [0; 16];
    fixed[4..8].copy_from_slice(&index.to_ne_bytes());
    if up {
        let flag = libc::IFF_UP.unsigned_abs().to_ne_bytes();
        fixed[8..12].copy_from_slice(&flag);
        fixed[12..16].copy_from_slice(&flag);
    }
    fixed
}

fn raise(route: &Netlink, name: &str) -> io::Result<()> {
    route.tell(libc::RTM_NEWLINK, 0, &link(interface(name)?, true), |_| ())
}

/// Gives an interface an address that can be used at once.
fn address(route: &Netlink, index: u32, address: &[u8], prefix: u8) -> io::Result<()> {
    const NO_SEARCH_FOR_DOUBLES: u8 = 0x02;
    let mut fixed = [family(address), prefix, NO_SEARCH_FOR_DOUBLES, 0, 0, 0, 0, 0];
    fixed[4..8].copy_from_slice(&index.to_ne_bytes());
    route.tell(libc::RTM_NEWADDR, CREATE, &fixed, |message| {
        message.put(libc::IFA_LOCAL, address);
        message.put(libc::IFA_ADDRESS, address);
    })
}

/// Adds a route for every address of the family that `all` has.
fn way(route: &Netlink, all: &[u8], way: &Way<'_>) -> io::Result<()> {
    const BY_HAND: u8 = 4;
    let (kind, scope) = match way.target {
        Target::Local => (libc::RTN_LOCAL, libc::RT_SCOPE_HOST),
        Target::Gateway(_) => (libc::RTN_UNICAST, libc::RT_SCOPE_UNIVERSE),
    };
    let fixed = [family(all), 0, 0, 0, way.table, BY_HAND, scope, kind, 0, 0, 0, 0];
    route.tell(libc::RTM_NEWROUTE, CREATE, &fixed, |message| {
        if let Target::Gateway(gateway) = way.target {
            message.put(libc::RTA_GATEWAY, gateway);
        }
        message.put_number(libc::RTA_OIF, way.interface);
    })
}

/// Has the table of the catch-all asked after all others.
fn rule_v6(route: &Netlink) -> io::Result<()> {
    const TO_TABLE: u8 = 1;
    const FRA_PRIORITY: u16 = 6;
    let fixed = [family(&[0; 16]), 0, 0, 0, TABLE_DEFAULT, 0, 0, TO_TABLE, 0, 0, 0, 0];
    route.tell(libc::RTM_NEWRULE, CREATE, &fixed, |message| message.put_number(FRA_PRIORITY, 40_000))
}

/// A listening socket for IPv6 and for IPv4.
fn both_families(port: u16) -> io::Result<std::os::fd::OwnedFd> {
    use nix::sys::socket::{
        AddressFamily, Backlog, SockFlag, SockType, SockaddrIn6, bind, listen, setsockopt, socket, sockopt,
    };
    let socket = socket(AddressFamily::Inet6, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&socket, sockopt::Ipv6V6Only, &false)?;
    let any = std::net::SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0);
    bind(std::os::fd::AsRawFd::as_raw_fd(&socket), &SockaddrIn6::from(any))?;
    listen(&socket, Backlog::new(1024)?)?;
    Ok(socket)
}

/// The packet filter's rules: whatever the port, it is one of ours. The address stays as it was asked for.
fn redirect() -> io::Result<()> {
    let filter = Netlink::open(libc::NETLINK_NETFILTER)?;
    let mut message = Message::default();
    message.add_mark(libc::NFNL_MSG_BATCH_BEGIN as u16, &[0, 0, 0, NFTABLES]);
    message.add(nft(libc::NFT_MSG_NEWTABLE), CREATE, &INET, |message| message.put_text(1, "sink"));
    message.add(nft(libc::NFT_MSG_NEWCHAIN), CREATE, &INET, |message| {
        message.put_text(1, "sink");
        message.put_text(3, "in");
        message.nest(4, |message| {
            message.put_big(1, 0); // before routing
            message.put_big(2, (-100i32).cast_unsigned());
        });
        message.put_text(7, "nat");
    });
    add_rule(&mut message, |message| {
        expression(message, "meta", protocol_to_register);
        expression(message, "cmp", |message| compare(message, EQUAL, &[libc::IPPROTO_TCP as u8]));
        expression(message, "payload", port_to_register);
        expression(message, "cmp", |message| compare(message, NOT_EQUAL, &DNS_PORT.to_be_bytes()));
        to_port(message, TCP_PORT);
    });
    add_rule(&mut message, |message| {
        expression(message, "meta", protocol_to_register);
        expression(message, "cmp", |message| compare(message, EQUAL, &[libc::IPPROTO_UDP as u8]));
        expression(message, "payload", port_to_register);
        expression(message, "cmp", |message| compare(message, NOT_EQUAL, &DNS_PORT.to_be_bytes()));
        expression(message, "meta", |message| {
            message.put_big(2, META_MARK);
            message.put_big(3, REGISTER);
        });
        to_port(message, UDP_PORT);
    });
    message.add_mark(libc::NFNL_MSG_BATCH_END as u16, &[0, 0, 0, NFTABLES]);
    filter.ask(&message, 4)
}

const NFTABLES: u8 = 10;
const INET: [u8; 4] = [1, 0, 0, 0];
const REGISTER: u32 = 1;
const META_PROTOCOL: u32 = 16;
const META_MARK: u32 = 3;
const EQUAL: u32 = 0;
const NOT_EQUAL: u32 = 1;

fn nft(kind: libc::c_int) -> u16 {
    u16::from(NFTABLES) << 8 | u16::try_from(kind).unwrap_or_default()
}

fn add_rule(message: &mut Message, expressions: impl FnOnce(&mut Message)) {
    const APPEND: u16 = 0x400 | 0x800;
    message.add(nft(libc::NFT_MSG_NEWRULE), APPEND, &INET, |message| {
        message.put_text(1, "sink");
        message.put_text(2, "in");
        message.nest(4, expressions);
    });
}

fn expression(message: &mut Message, name: &str, data: impl FnOnce(&mut Message)) {
    message.nest(1, |message| {
        message.put_text(1, name);
        message.nest(2, data);
    });
}

fn protocol_to_register(message: &mut Message) {
    message.put_big(1, REGISTER);
    message.put_big(2, META_PROTOCOL);
}

/// The destination port.
fn port_to_register(message: &mut Message) {
    message.put_big(1, REGISTER);
    message.put_big(2, 2); // the transport header
    message.put_big(3, 2);
    message.put_big(4, 2);
}

fn compare(message: &mut Message, how: u32, value: &[u8]) {
    message.put_big(1, REGISTER);
    message.put_big(2, how);
    message.nest(3, |message| message.put(1, value));
}

/// Changes the destination's port and leaves the address alone.
fn to_port(message: &mut Message, port: u16) {
    expression(message, "immediate", |message| {
        message.put_big(1, REGISTER);
        message.nest(2, |message| message.put(1, &port.to_be_bytes()));
    });
    expression(message, "nat", |message| {
        message.put_big(1, 1); // of the destination
        message.put_big(2, 1); // of both families
        message.put_big(5, REGISTER);
    });
}
