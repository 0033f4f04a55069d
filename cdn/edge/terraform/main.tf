# What a board needs at Cloudflare besides the Worker: bucket, addresses, cache rules, rate limit.
# cdn/README.md takes you through it. The API token comes from CLOUDFLARE_API_TOKEN.

terraform {
  required_version = ">= 1.5"
  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.0"
    }
  }
}

provider "cloudflare" {}

# --- The bucket, and the address under which the Worker reads it ---

resource "cloudflare_r2_bucket" "pages" {
  account_id = var.account_id
  name       = var.bucket
  location   = var.bucket_location
}

resource "cloudflare_r2_custom_domain" "files" {
  account_id  = var.account_id
  zone_id     = var.zone_id
  bucket_name = cloudflare_r2_bucket.pages.name
  domain      = var.files_host
  enabled     = true
  min_tls     = "1.2"
}

# --- The board's own nginx: the Worker hands writes to it, and reads that the bucket has not ---

resource "cloudflare_dns_record" "site" {
  for_each = var.origin_addresses

  zone_id = var.zone_id
  name    = var.site_host
  type    = strcontains(each.value, ":") ? "AAAA" : "A"
  content = each.value
  proxied = true
  ttl     = 1 # automatic, the only choice for proxied records
}

# --- Caching ---

resource "cloudflare_ruleset" "cache" {
  zone_id = var.zone_id
  name    = "Stillboard: what is kept"
  kind    = "zone"
  phase   = "http_request_cache_settings"

  rules = [
    {
      ref         = "files"
      description = "The bucket's objects are kept; for how long, the Worker says"
      expression  = "(http.host eq \"${var.files_host}\")"
      action      = "set_cache_settings"
      action_parameters = {
        cache       = true
        edge_ttl    = { mode = "respect_origin" }
        browser_ttl = { mode = "respect_origin" }
        # While one reader's request fetches the new page, the others have the old one.
        serve_stale = { disable_stale_while_updating = false }
        # A strong ETag is passed on, so that a 304 works across compressions.
        respect_strong_etags = true
      }
    },
    {
      ref         = "origin"
      description = "What comes from the board's nginx is never kept: no purge would find it"
      expression  = "(http.host eq \"${var.site_host}\")"
      action      = "set_cache_settings"
      action_parameters = {
        cache       = false
        browser_ttl = { mode = "respect_origin" }
      }
    },
  ]
}

# --- What proves to the board's nginx that a request came through this zone ---

resource "cloudflare_ruleset" "origin_secret" {
  zone_id = var.zone_id
  name    = "Stillboard: who comes by Cloudflare"
  kind    = "zone"
  phase   = "http_request_late_transform"

  # Set by a rule and not by the Worker: past the Worker's daily limit readers go without it. A Worker
  # of another zone that asks for the site gets none.
  rules = [
    {
      ref         = "origin_secret"
      description = "STILLBOARD_ORIGIN_SECRET"
      expression  = "(http.host eq \"${var.site_host}\" and cf.worker.upstream_zone in {\"\" \"${var.zone_name}\"})"
      action      = "rewrite"
      action_parameters = {
        headers = {
          "X-Origin-Secret" = { operation = "set", value = var.origin_secret }
        }
      }
    },
  ]
}

resource "cloudflare_zone_setting" "as_sent" {
  # Each of these would change what the board sends, or keep it longer than the board says.
  for_each = {
    always_online     = "off" # switches stale-while-revalidate off
    browser_cache_ttl = 0     # 0: as the answer says; the default of four hours hides new posts
    email_obfuscation = "off" # puts a script into pages
    rocket_loader     = "off" # the same
    always_use_https  = "on"
    min_tls_version   = "1.2"
    ssl               = "strict" # the way from Cloudflare to the board is encrypted and checked too
  }

  zone_id    = var.zone_id
  setting_id = each.key
  value      = each.value
}

# --- Limits ---

resource "cloudflare_ruleset" "limits" {
  zone_id = var.zone_id
  name    = "Stillboard: how fast one may post"
  kind    = "zone"
  phase   = "http_ratelimit"

  # One rule, ten seconds, per address: all that the free plan allows. The board's own flood check is
  # the fine one; this keeps a flood away from the board's machine.
  rules = [
    {
      ref         = "posts"
      description = "More than ten posts in ten seconds from one address"
      expression  = "(http.request.uri.path in {\"/post\" \"/post.php\"})"
      action      = "block"
      ratelimit = {
        characteristics     = ["ip.src", "cf.colo.id"]
        period              = 10
        requests_per_period = 10
        mitigation_timeout  = 10
      }
    },
  ]
}
