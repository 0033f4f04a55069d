/** What scripts say in ja: made by tests/house_rules/words.py. */

export default {
"forms": "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
"said": {
"Another picture": "別の画像",
"Close": "閉じる",
"Email": "メール",
"Flag": "旗",
"Keys": "キー",
"Keys for what is done often: press ? for the list": "よく使う操作のキー：? で一覧を表示",
"Letters of the picture": "画像の文字",
"Name": "名前",
"Next": "次へ",
"Number": "番号",
"Order": "並び順",
"Post {no}": "レス {no}",
"Preview": "プレビュー",
"Previous": "前へ",
"Reason": "理由",
"Reply": "返信",
"Show this list": "この一覧を表示",
"Since": "開始",
"Six letters, distorted": "ゆがんだ6つの文字",
"Spoiler": "ネタバレ",
"Subject": "件名",
"The picture can't be fetched just now: you are shown one when you have sent the form.": "現在画像を取得できません。フォームを送信すると表示されます。",
"Times as “5 minutes ago”": "時刻を「5分前」のように表示",
"Tripcode": "トリップ",
"Until": "終了",
"Update": "更新",
"Your browser has shown that you are no robot.": "ロボットではないことを確認しました。",
"Your browser is solving a small sum, to show that you are no robot…": "ロボットではないことを確認するため、ブラウザーが計算しています…",
"for good: this ban does not expire": "無期限：この規制に期限はありません"
}
};
