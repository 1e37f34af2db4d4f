//! What holds for every word of every type: no panic, a stable spelling, and advice that works.

use std::fmt::Display;
use std::str::FromStr;

use proptest::prelude::*;

use super::*;

/// What `text` is as a `T`: a word that stays as it is, or a refusal whose advice is taken.
fn holds<T: FromStr<Err = Wrong> + Display>(text: &str) -> Result<(), TestCaseError> {
    match text.parse::<T>() {
        Ok(value) => {
            let shown = value.to_string();
            let again = shown.parse::<T>().map(|value| value.to_string());
            prop_assert_eq!(again, Ok(shown));
        }
        Err(wrong) => {
            prop_assert!(!wrong.message.contains('\n') && !wrong.message.is_empty());
            let help = wrong.help.clone().unwrap_or_default();
            let advice = help
                .strip_prefix("write `")
                .and_then(|rest| rest.strip_suffix('`'));
            if let Some(advice) = advice.filter(|advice| !advice.contains(['`', '…'])) {
                prop_assert!(advice.parse::<T>().is_ok(), "{:?}: {:?}", text, wrong);
            }
        }
    }
    Ok(())
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z0-9._:/@ *+`-]{0,40}",
        "[a-zA-Z0-9_-]{0,70}",
        "[0-9]{0,5}[.]?[0-9]{0,4}(m|k|K|Mi|mi|MB|gb|e3|E| Gi|i|)",
        "[0-9]{1,3}(h|m|s|d)[0-9]{0,3}(m|s|)",
        "([0-9]{1,3}[.]){3}[0-9]{1,3}/[0-9]{0,3}",
        "[0-9a-f:]{2,12}/[0-9]{1,3}",
        "([0-9*?/,-]{1,4} ){4}[0-9a-z*,-]{1,4}",
        "(TZ=UTC |@|)[a-z0-9* ]{1,12}",
        "[a-z.]{1,8}(:[0-9]{1,5})?/[a-zA-Z0-9._/-]{1,12}(:[a-zA-Z0-9._-]{0,9})?",
        "(https?://|/|//|~|)[a-z./#?%é ]{0,12}",
        "v?1[.][0-9]{1,2}([.][0-9])?",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_type_is_total_and_advises_well(text in words()) {
        holds::<AnnotationKey>(&text)?;
        holds::<ApiGroup>(&text)?;
        holds::<AppName>(&text)?;
        holds::<SuccessRate>(&text)?;
        holds::<PrometheusUrl>(&text)?;
        holds::<MetricName>(&text)?;
        holds::<MetricLabel>(&text)?;
        holds::<Latency>(&text)?;
        holds::<Cidr>(&text)?;
        holds::<Cpu>(&text)?;
        holds::<Cron>(&text)?;
        holds::<DataKey>(&text)?;
        holds::<DnsLabel>(&text)?;
        holds::<EnvName>(&text)?;
        holds::<GroupName>(&text)?;
        holds::<HeaderName>(&text)?;
        holds::<HeaderValue>(&text)?;
        holds::<Host>(&text)?;
        holds::<HttpPath>(&text)?;
        holds::<ImageRef>(&text)?;
        holds::<KubeVersion>(&text)?;
        holds::<LabelKey>(&text)?;
        holds::<LabelValue>(&text)?;
        holds::<Memory>(&text)?;
        holds::<MountPath>(&text)?;
        holds::<Namespace>(&text)?;
        holds::<ObjectName>(&text)?;
        holds::<Port>(&text)?;
        holds::<PortName>(&text)?;
        holds::<Quantity>(&text)?;
        holds::<RelFile>(&text)?;
        holds::<RelFolder>(&text)?;
        holds::<RoutePath>(&text)?;
        holds::<Resource>(&text)?;
        holds::<Seconds>(&text)?;
        holds::<TimeZone>(&text)?;
        holds::<Verb>(&text)?;
    }
}
