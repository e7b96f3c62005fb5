#[derive(Debug, Clone, schemars::JsonSchema)]
pub struct Expected;
impl crate::source::Read for Expected { fn read(_: &crate::source::Node, _: &mut crate::source::Reader<'_>) -> Result<Self, crate::source::Unread> { Ok(Self) } }
impl Expected { pub fn references(&self) -> Box<dyn Iterator<Item = (&crate::template::Reference, crate::source::Span)> + '_> { Box::new(std::iter::empty()) } }
