// What stays in the cut stylesheet although no template names it yet, or names it only piece by piece.
// Patterns are anchored to whole class names; a new component is added here or simply used in a template.
const sizes = "(-(sm|md|lg|xl|xxl))?";

export const keep = [
  // the grid, and utilities of layout, space and text
  new RegExp(`^(container|container-fluid|row|col|g[xy]?-[0-5])$`),
  new RegExp(`^col${sizes}(-(auto|[1-9]|1[0-2]))?$`),
  new RegExp(`^row-cols${sizes}-[1-4]$`),
  new RegExp(`^(offset|order)(-(md|lg))?-(first|last|[0-6])$`),
  new RegExp(`^[mp][tbsexy]?(-(md|lg))?-(auto|[0-5])$`),
  new RegExp(`^d(-(sm|md|lg|print))?-(none|inline|inline-block|block|grid|flex|inline-flex)$`),
  new RegExp(`^flex(-(sm|md|lg))?-(row|column|wrap|nowrap|fill|grow-[01]|shrink-[01])$`),
  new RegExp(`^(justify-content|align-items|align-self)(-(md|lg))?-(start|end|center|between|baseline|stretch)$`),
  /^gap-[0-5]$/,
  /^text-(start|end|center|nowrap|break|truncate|uppercase|muted|decoration-none|(sm|md|lg)-(start|end|center))$/,
  /^(fw-(normal|semibold|bold)|fst-italic|lh-(1|sm|base)|small|lead|h[1-6]|fs-[1-6])$/,
  /^(w|h)-(25|50|75|100|auto)$/,
  /^(border(-(top|bottom|start|end|0))?|rounded(-(0|circle|pill))?|shadow(-sm)?|overflow-(auto|hidden))$/,
  /^(position-(relative|absolute|sticky|static)|sticky-top|float-(start|end)|clearfix)$/,
  /^(visually-hidden|visually-hidden-focusable|stretched-link|ratio|ratio-16x9|img-fluid|list-unstyled|list-inline|list-inline-item)$/,
  // components
  /^btn(-(primary|secondary|danger|success|outline-primary|outline-secondary|outline-danger|link|sm|xs|lg|close|group|block))?$/,
  /^(badge|alert|callout|breadcrumb|pagination|page|table|accordion|progress|form|input-group|list-group|nav|tab|card|link-list)(-[a-z0-9-]+)?$/,
  /^alert-(info|success|warning|danger|heading|dismissible)$/,
  /^(collapse|collapsing|collapsed|show|fade|active|disabled|separator|invalid-feedback|valid-feedback|is-invalid)$/,
];

// Parts of those families that nothing here uses, and rules that ours replace (how focus is drawn).
export const drop = [
  /focus-mouse/,
  /^\.?(vjs|video|it-|splide|avatar|cookiebar|chip|toggles|dropdown|modal|popover|tooltip|toast|carousel|navscroll|sidebar|megamenu|megamenu|steppers|timeline|rating|upload|autocomplete|select-wrapper|dimmer|notification|offcanvas|point-list|section|thumb|forward|back-to-top|calendar|password|progress-donut|progress-spinner|it)/,
  /^\.?(card-(teaser|big|bg|img|vertical|header|footer|group|image|columns|wrapper)|nav-(tabs|pills|dark)|table-(dark|light|secondary|info)|link-list-wrapper|callout-(bigheading|more|highlight)|btn-(progress|icon)|accordion-(background|left)|form-(floating|range|switch|check|rating)|list-group-item-|pagination-(sm|lg)|input-number)/,
];

// Icons that Python or data name, not a template.
export const icons = ["arrow-right", "calendar", "check", "check-circle", "chevron-right", "clock", "close", "download", "external-link", "file", "files", "help-circle", "info-circle", "key", "link", "locked", "logout", "mail", "map-marker", "pencil", "plus", "print", "refresh", "search", "settings", "share", "user", "warning-circle"];
