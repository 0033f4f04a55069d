output "settings_of_the_board" {
  description = "For the board's .env, beside the tokens that only you know."
  value = {
    R2_ACCOUNT_ID       = var.account_id
    R2_BUCKET_NAME      = cloudflare_r2_bucket.pages.name
    CDN_ZONE_ID         = var.zone_id
    CDN_BASE_URL        = "https://${var.files_host}"
    STILLBOARD_SITE_URL = "https://${var.site_host}"

    STILLBOARD_CDN_WORKER_ZONE = var.zone_name
  }
}
