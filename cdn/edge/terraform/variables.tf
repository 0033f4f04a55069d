variable "account_id" {
  type        = string
  description = "Cloudflare's account id: in the dashboard's address, dash.cloudflare.com/<account id>."
}

variable "zone_id" {
  type        = string
  description = "The domain's zone id: on its overview page, at the lower right."
}

variable "zone_name" {
  type        = string
  description = "The domain itself, whose Worker may ask for the site: example.org. STILLBOARD_CDN_WORKER_ZONE."
}

variable "origin_secret" {
  type        = string
  sensitive   = true
  description = "STILLBOARD_ORIGIN_SECRET, from: head -c 32 /dev/urandom | base64. It is kept in Terraform's state."
}

variable "site_host" {
  type        = string
  description = "Where readers are: example.org."
}

variable "files_host" {
  type        = string
  description = "Where the Worker reads the bucket; in the same zone: files.example.org."
}

variable "origin_addresses" {
  type        = set(string)
  description = "IPv4 and IPv6 addresses of the machine that runs the board."
}

variable "bucket" {
  type        = string
  default     = "stillboard"
  description = "The bucket's name: R2_BUCKET_NAME."
}

variable "bucket_location" {
  type        = string
  default     = null
  description = "Where the bucket should be: weur, eeur, enam, wnam, apac or oc. Null: near to who creates it."
}
