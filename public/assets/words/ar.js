/** What scripts say in ar: made by tests/house_rules/words.py. */

export default {
"forms": "01233333333444444444444444444444444444444444444444444444444444444444444444444444444444444444444444445553333333344444444444444444444444444444444444444444444444444444444444444444444444444444444444444444",
"said": {
"Another picture": "صورة أخرى",
"Close": "إغلاق",
"Email": "البريد",
"Flag": "العلم",
"Keys": "المفاتيح",
"Keys for what is done often: press ? for the list": "مفاتيح لما يتكرر: اضغط ? لترى القائمة",
"Letters of the picture": "حروف الصورة",
"Name": "الاسم",
"Next": "التالي",
"Number": "الرقم",
"Order": "الترتيب",
"Post {no}": "المشاركة {no}",
"Preview": "معاينة",
"Previous": "السابق",
"Reason": "السبب",
"Reply": "رد",
"Show this list": "إظهار هذه القائمة",
"Since": "منذ",
"Six letters, distorted": "ستة حروف مشوهة",
"Spoiler": "حرق",
"Subject": "العنوان",
"The picture can't be fetched just now: you are shown one when you have sent the form.": "لا يمكن جلب الصورة الآن: ستظهر لك واحدة بعد إرسال النموذج.",
"Times as “5 minutes ago”": "الأوقات مثل «قبل 5 دقائق»",
"Tripcode": "تريبكود",
"Until": "حتى",
"Update": "تحديث",
"Your browser has shown that you are no robot.": "أثبت متصفحك أنك لست روبوتًا.",
"Your browser is solving a small sum, to show that you are no robot…": "يحل متصفحك حسابًا صغيرًا ليثبت أنك لست روبوتًا…",
"for good: this ban does not expire": "للأبد: هذا الحظر لا ينتهي"
}
};
