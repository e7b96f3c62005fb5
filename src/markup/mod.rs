//! Documents of markup and the paths into them: XPath 1.0 over XML, and over HTML; CSS selectors over HTML. Paths are read
//! when a file is loaded; documents only where something looks into them.

mod advice;
mod css;
mod html;
mod tree;
mod xml;
mod xpath;

#[cfg(test)]
mod tests;

pub use css::{CssError, CssPath};
pub use html::{Html, begins_like_html, shallow, title};
pub use xml::{Xml, XmlError};
pub use xpath::{Found, Namespaces, XPath, XPathError};
