/** Written by `python -m cdn.worker_tables`; changes here are lost. */
export const RULES = [
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/(?:src|thumb)/[0-9]+(?:-[0-9]+)?\\.(?:jpg|jpeg|png|gif|webp|avif))$",
    "sort": "media",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:webm))$",
    "sort": "media",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:mp4|m4v))$",
    "sort": "media",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:mp3))$",
    "sort": "media",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:ogg|oga|opus))$",
    "sort": "media",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:flac))$",
    "sort": "media",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:m4a))$",
    "sort": "media",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:wav))$",
    "sort": "media",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:pdf))$",
    "sort": "download",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:epub))$",
    "sort": "download",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:zip))$",
    "sort": "download",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:7z))$",
    "sort": "download",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:txt))$",
    "sort": "download",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/src/[0-9]+(?:-[0-9]+)?\\.(?:swf|mov|bmp|tif|tiff|psd|xcf|blend|ttf|otf|rar|tar|gz|tgz|bz2|xz|torrent|mid|midi|mod|xm|s3m|it|doc|docx|odt|rtf|ps|tex|djvu|mobi|cbz|cbr|mkv|avi|wmv|flv|mpg|mpeg|aac|wma))$",
    "sort": "download",
    "isKeptForever": true
  },
  {
    "path": "^(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/(?:src|thumb)/.*)$",
    "sort": null,
    "isKeptForever": false
  },
  {
    "path": "^(?:(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/){0,8}[A-Za-z0-9_+-][A-Za-z0-9._+-]*\\.(?:html|xml|txt))$",
    "sort": "page",
    "isKeptForever": false
  },
  {
    "path": "^(?:(?:[^\\x00-#%-*,./:-@\\[-\\^`{-\\x7f][^\\x00-#%-*,/:-@\\[-\\^`{-\\x7f]*/){0,8}[A-Za-z0-9_+-][A-Za-z0-9._+-]*\\.(?:json|rss|atom))$",
    "sort": "data",
    "isKeptForever": false
  },
  {
    "path": "^(?:assets/(?:[A-Za-z0-9_+-][A-Za-z0-9._+-]*/){0,8}[A-Za-z0-9_+-][A-Za-z0-9._+-]*\\.[0-9a-f]{8,64}\\.(?:css|js|svg|webmanifest|ico|woff2|jpg|jpeg|png|gif|webp|avif))$",
    "sort": "asset",
    "isKeptForever": true
  },
  {
    "path": "^(?:assets/(?:[A-Za-z0-9_+-][A-Za-z0-9._+-]*/){0,8}[A-Za-z0-9_+-][A-Za-z0-9._+-]*\\.(?:css|js|svg|webmanifest|ico|woff2|jpg|jpeg|png|gif|webp|avif))$",
    "sort": "asset",
    "isKeptForever": false
  },
  {
    "path": "^(?:(?:favicon\\.ico|apple-touch-icon\\.png))$",
    "sort": "asset",
    "isKeptForever": false
  }
];
export const OLD_ADDRESSES = [
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/res/(?<no>[0-9]{1,18})-[^/?]*?(?<tail>\\+50|%2[Bb]50)?\\.html(?:\\?.*)?$",
    "target": "/{board}/res/{no}{tail}.html"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/archive/res/(?<no>[0-9]{1,18})\\.html(?:\\?.*)?$",
    "target": "/{board}/res/{no}.html"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/thread/(?<no>[0-9]{1,18})(?:-[^/?]*?)?(?<tail>\\+50|%2[Bb]50)?\\.html(?:\\?.*)?$",
    "target": "/{board}/res/{no}{tail}.html"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/thread/(?<no>[0-9]{1,18})(?:/[^?]*)?(?:\\?.*)?$",
    "target": "/{board}/res/{no}.html"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/last/(?<no>[0-9]{1,18})\\.html(?:\\?.*)?$",
    "target": "/{board}/res/{no}.html"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/1\\.html(?:\\?.*)?$",
    "target": "/{board}/"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/(?:page/)?1/?(?:\\?.*)?$",
    "target": "/{board}/"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/(?:page/)?(?<page>[0-9]{1,4})/?(?:\\?.*)?$",
    "target": "/{board}/{page}.html"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/catalog/?(?:\\?.*)?$",
    "target": "/{board}/catalog.html"
  },
  {
    "pattern": "^/(?:\\*|%2[Aa])/(?<page>[0-9a-z]+\\.(?:html|json|rss))(?:\\?.*)?$",
    "target": "/overboard/{page}"
  },
  {
    "pattern": "^/(?:\\*|%2[Aa])/?(?:\\?.*)?$",
    "target": "/overboard/"
  },
  {
    "pattern": "^/ukko(?:/|\\.html)(?:\\?.*)?$",
    "target": "/overboard/"
  },
  {
    "pattern": "^/overboard\\.html(?:\\?.*)?$",
    "target": "/overboard/"
  },
  {
    "pattern": "^/catalog\\.html(?:\\?.*)?$",
    "target": "/overboard/catalog.html"
  },
  {
    "pattern": "^/(?:index|recent)\\.(?:rss|xml)(?:\\?.*)?$",
    "target": "/overboard/index.rss"
  },
  {
    "pattern": "^/rss\\.xml(?:\\?.*)?$",
    "target": "/overboard/index.rss"
  },
  {
    "pattern": "^/(?:recent|boards|news|main|home)\\.html(?:\\?.*)?$",
    "target": "/"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/custompage/(?<page>[a-z][a-z0-9_-]{0,31})\\.html(?:\\?.*)?$",
    "target": "/{board}/{page}.html"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/logs(?:/[0-9-]{10})?\\.html(?:\\?.*)?$",
    "target": "/{board}/log/"
  },
  {
    "pattern": "^/logs\\.js(?:\\?.*)?$",
    "target": "/log/"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/banners\\.html(?:\\?.*)?$",
    "target": "/{board}/"
  },
  {
    "pattern": "^/boards\\.js(?:\\?.*)?$",
    "target": "/"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/(?<tim>[0-9]{10,20}(?:-[0-9]{1,3})?)s(?<extension>\\.jpg)(?:\\?.*)?$",
    "target": "/{board}/thumb/{tim}{extension}"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/(?<tim>[0-9]{10,20}(?:-[0-9]{1,3})?)(?<extension>\\.[a-z0-9]{1,10})(?:\\?.*)?$",
    "target": "/{board}/src/{tim}{extension}"
  },
  {
    "pattern": "^/(?:data|foolfuuka/boards)/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/thumb/[0-9]+/[0-9]+/(?<tim>[0-9]{10,20}(?:-[0-9]{1,3})?)s(?<extension>\\.jpg)(?:\\?.*)?$",
    "target": "/{board}/thumb/{tim}{extension}"
  },
  {
    "pattern": "^/(?:data|foolfuuka/boards)/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/image/[0-9]+/[0-9]+/(?<tim>[0-9]{10,20}(?:-[0-9]{1,3})?)(?<extension>\\.[a-z0-9]{1,10})(?:\\?.*)?$",
    "target": "/{board}/src/{tim}{extension}"
  },
  {
    "pattern": "^/(?:[0-9A-Za-z_-]+/){1,3}(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/(?:res|thread)/(?<no>[0-9]{1,18})(?:-[^/?]*?)?(?<tail>\\+50|%2[Bb]50)?(?<extension>\\.html|\\.json)(?:\\?.*)?$",
    "target": "/{board}/res/{no}{tail}{extension}"
  },
  {
    "pattern": "^/(?:[0-9A-Za-z_-]+/){1,3}(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/(?<folder>src|thumb)/(?<tim>[0-9]{10,20}(?:-[0-9]{1,3})?)(?<extension>\\.[a-z0-9]{1,10})(?:\\?.*)?$",
    "target": "/{board}/{folder}/{tim}{extension}"
  },
  {
    "pattern": "^/(?:[0-9A-Za-z_-]+/){1,3}(?!(?:res|thread|src|thumb|archive|log|post|flags|sfw)/)(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/(?<page>catalog\\.html|[0-9a-z]+\\.json|index\\.rss|[2-9]\\.html|[1-9][0-9]+\\.html)(?:\\?.*)?$",
    "target": "/{board}/{page}"
  },
  {
    "pattern": "^/(?:vichan|tinyboard|boards?|chan|imageboard|ib)/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/(?:\\?.*)?$",
    "target": "/{board}/"
  },
  {
    "pattern": "^/player\\.php\\?(?:[^?]*&)?v=(?:/|%2[Ff])(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)(?:/|%2[Ff])src(?:/|%2[Ff])(?<tim>[0-9]{10,20}(?:-[0-9]{1,3})?)(?<extension>\\.[a-z0-9]{1,10})(?:&|$)",
    "target": "/{board}/src/{tim}{extension}"
  },
  {
    "pattern": "^/player\\.php(?:\\?.*)?$",
    "target": "/"
  },
  {
    "pattern": "^/search\\.php\\?(?:[^?]*&)?search=(?<words>[^&]+)&(?:[^?]*&)?board=(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)(?:&|$)",
    "target": "/search?q={words}&board={board}"
  },
  {
    "pattern": "^/search\\.php\\?(?:[^?]*&)?search=(?<words>[^&]+)",
    "target": "/search?q={words}"
  },
  {
    "pattern": "^/search\\.php(?:\\?.*)?$",
    "target": "/search"
  },
  {
    "pattern": "^/b\\.php\\?(?:[^?]*&)?board=(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)(?:&|$)",
    "target": "/{board}/banner"
  },
  {
    "pattern": "^/log\\.php\\?(?:[^?]*&)?board=(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)(?:&|$)",
    "target": "/{board}/log/"
  },
  {
    "pattern": "^/log\\.php(?:\\?.*)?$",
    "target": "/log/"
  },
  {
    "pattern": "^/(?:b|banned|report|inc|install)\\.php(?:\\?.*)?$",
    "target": "/"
  },
  {
    "pattern": "^/static/[^?]+\\.(?:png|gif|jpg|svg|ico)(?:\\?.*)?$",
    "target": "/apple-touch-icon.png"
  },
  {
    "pattern": "^/(?:static|stylesheets|js|templates)/[^?]*(?:\\?.*)?$",
    "target": "/"
  },
  {
    "pattern": "^/main\\.js(?:\\?.*)?$",
    "target": "/"
  }
];
export const OF_A_RENAMED_BOARD = [
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/?(?:\\?.*)?$",
    "target": "/{board}/"
  },
  {
    "pattern": "^/(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)/(?<rest>(?![^?]{523})[0-9A-Za-z_+%-](?:[0-9A-Za-z_+%-]|[./](?![./]))*)(?:\\?.*)?$",
    "target": "/{board}/{rest}"
  }
];
export const OLD_BOARD = "(?<board>(?![^/?&]{523})(?:[0-9A-Za-z$_-]|%[0-9A-Fa-f]{2})+)";
export const OLD_FILE = "(?:\\.media|file(?:/thumb)?)/(?:t_)?[0-9a-f]{32,64}(?:-[a-z0-9]{1,40})?(?:\\.[0-9A-Za-z]{1,10})?";
export const OWN_SOURCES = {
  "default-src": [
    "'none'"
  ],
  "img-src": [
    "'self'",
    "data:"
  ],
  "media-src": [
    "'self'"
  ],
  "style-src": [
    "'self'"
  ],
  "script-src": [
    "'self'"
  ],
  "connect-src": [
    "'self'"
  ],
  "manifest-src": [
    "'self'"
  ],
  "form-action": [
    "'self'"
  ],
  "base-uri": [
    "'none'"
  ],
  "frame-ancestors": [
    "'none'"
  ]
};
export const TRUSTED_TYPES = {
  "require-trusted-types-for": [
    "'script'"
  ],
  "trusted-types": [
    "stillboard"
  ]
};
export const CAPTCHA_SOURCES = {
  "altcha": {},
  "picture": {},
  "question": {},
  "recaptcha": {
    "script-src": [
      "https://www.google.com/recaptcha/",
      "https://www.gstatic.com/recaptcha/"
    ],
    "frame-src": [
      "https://www.google.com/recaptcha/",
      "https://recaptcha.google.com/recaptcha/"
    ],
    "connect-src": [
      "https://www.google.com/recaptcha/"
    ]
  },
  "hcaptcha": {
    "script-src": [
      "https://hcaptcha.com/",
      "https://*.hcaptcha.com/"
    ],
    "frame-src": [
      "https://hcaptcha.com/",
      "https://*.hcaptcha.com/"
    ],
    "connect-src": [
      "https://hcaptcha.com/",
      "https://*.hcaptcha.com/"
    ],
    "style-src": [
      "https://hcaptcha.com/",
      "https://*.hcaptcha.com/"
    ]
  },
  "turnstile": {
    "script-src": [
      "https://challenges.cloudflare.com/"
    ],
    "frame-src": [
      "https://challenges.cloudflare.com/"
    ]
  }
};
export const MEDIA_TYPES = {
  "jpg": "image/jpeg",
  "jpeg": "image/jpeg",
  "png": "image/png",
  "gif": "image/gif",
  "webp": "image/webp",
  "avif": "image/avif",
  "webm": "video/webm",
  "mp4": "video/mp4",
  "m4v": "video/mp4",
  "mp3": "audio/mpeg",
  "ogg": "audio/ogg",
  "oga": "audio/ogg",
  "opus": "audio/ogg",
  "flac": "audio/flac",
  "m4a": "audio/mp4",
  "wav": "audio/wav",
  "pdf": "application/pdf",
  "epub": "application/epub+zip",
  "zip": "application/zip",
  "7z": "application/x-7z-compressed",
  "txt": "text/plain; charset=utf-8",
  "swf": "application/octet-stream",
  "mov": "application/octet-stream",
  "bmp": "application/octet-stream",
  "tif": "application/octet-stream",
  "tiff": "application/octet-stream",
  "psd": "application/octet-stream",
  "xcf": "application/octet-stream",
  "blend": "application/octet-stream",
  "ttf": "application/octet-stream",
  "otf": "application/octet-stream",
  "rar": "application/octet-stream",
  "tar": "application/octet-stream",
  "gz": "application/octet-stream",
  "tgz": "application/octet-stream",
  "bz2": "application/octet-stream",
  "xz": "application/octet-stream",
  "torrent": "application/octet-stream",
  "mid": "application/octet-stream",
  "midi": "application/octet-stream",
  "mod": "application/octet-stream",
  "xm": "application/octet-stream",
  "s3m": "application/octet-stream",
  "it": "application/octet-stream",
  "doc": "application/octet-stream",
  "docx": "application/octet-stream",
  "odt": "application/octet-stream",
  "rtf": "application/octet-stream",
  "ps": "application/octet-stream",
  "tex": "application/octet-stream",
  "djvu": "application/octet-stream",
  "mobi": "application/octet-stream",
  "cbz": "application/octet-stream",
  "cbr": "application/octet-stream",
  "mkv": "application/octet-stream",
  "avi": "application/octet-stream",
  "wmv": "application/octet-stream",
  "flv": "application/octet-stream",
  "mpg": "application/octet-stream",
  "mpeg": "application/octet-stream",
  "aac": "application/octet-stream",
  "wma": "application/octet-stream"
};
export const THUMBNAIL_ENDINGS = [
  "jpg",
  "png",
  "webp",
  "jpeg",
  "gif",
  "avif"
];
export const KEEP_FOREVER = "public, max-age=31536000, immutable";
export const ASK_EACH_TIME = "public, max-age=0, must-revalidate";
export const FOREVER_S = 31536000;
export const FRESH_S = 60;
export const MISSING_S = 5;
export const SENTENCES = {
  "READ_ONLY": "This address can only be read.",
  "NOT_FOUND": "There is nothing at this address.",
  "NOT_REACHED": "The board cannot be reached just now."
};
