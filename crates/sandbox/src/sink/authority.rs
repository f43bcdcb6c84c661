//! The certificate authority of one run, and a certificate for each name that is asked for.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, date_time_ymd,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// The variables of the environment by which programs are told to trust the authority, each set to the path of its
/// certificate. Node reads `NODE_EXTRA_CA_CERTS` at every start: it must be this one certificate, not a whole bundle.
pub const TRUST: &[&str] = &[
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CERT",
    "NPM_CONFIG_CAFILE",
    "GIT_SSL_CAINFO",
    "CARGO_HTTP_CAINFO",
    "DENO_CERT",
    "AWS_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "BUNDLE_SSL_CA_CERT",
];

/// How many certificates are remembered.
const MOST: usize = 4096;

pub(crate) struct Authority {
    pem: String,
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    /// One key for all leaves: making them is what costs time.
    key: KeyPair,
    made: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = validity(CertificateParams::default());
        params.distinguished_name.push(DnType::CommonName, "Global Trust Root CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        let root = params.self_signed(&key)?;
        Ok(Self {
            pem: root.pem(),
            root: root.der().clone(),
            issuer: Issuer::new(params, key),
            key: KeyPair::generate()?,
            made: Mutex::default(),
        })
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// How to be the server of this name or address.
    pub(crate) fn server(&self, name: &str) -> Option<Arc<ServerConfig>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = made.get(name) {
            return Some(Arc::clone(config));
        }
        let config = Arc::new(self.make(name)?);
        if made.len() < MOST {
            made.insert(name.to_owned(), Arc::clone(&config));
        }
        Some(config)
    }

    fn make(&self, name: &str) -> Option<ServerConfig> {
        let mut params = validity(CertificateParams::default());
        let alternative = match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.try_into().ok()?),
        };
        params.subject_alt_names = vec![alternative];
        params.distinguished_name.push(DnType::CommonName, name.chars().take(60).collect::<String>());
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let leaf = params.signed_by(&self.key, &self.issuer).ok()?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
        let chain = vec![leaf.der().clone(), self.root.clone()];
        let mut config = builder.with_no_client_auth().with_single_cert(chain, key).ok()?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Some(config)
    }
}

/// Long enough for every clock that a run pretends to have.
fn validity(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2015, 1, 1);
    params.not_after = date_time_ymd(2060, 1, 1);
    params
}
