/** What scripts say in ru: made by tests/house_rules/words.py. */

export default {
"forms": "20111222222222222222201112222220111222222011122222201112222220111222222011122222201112222220111222222011122222222222222220111222222011122222201112222220111222222011122222201112222220111222222011122222",
"said": {
"Another picture": "Другая картинка",
"Close": "Закрыть",
"Email": "E-mail",
"Flag": "Флаг",
"Keys": "Клавиши",
"Keys for what is done often: press ? for the list": "Клавиши для частых действий: ? показывает список",
"Letters of the picture": "Буквы с картинки",
"Name": "Имя",
"Next": "Вперёд",
"Number": "Номер",
"Order": "Порядок",
"Post {no}": "Пост {no}",
"Preview": "Предпросмотр",
"Previous": "Назад",
"Reason": "Причина",
"Reply": "Ответить",
"Show this list": "Показать этот список",
"Since": "С",
"Six letters, distorted": "Шесть искажённых букв",
"Spoiler": "Спойлер",
"Subject": "Тема",
"The picture can't be fetched just now: you are shown one when you have sent the form.": "Картинку сейчас загрузить не удаётся: её покажут после отправки формы.",
"Times as “5 minutes ago”": "Время вида «5 минут назад»",
"Tripcode": "Трипкод",
"Until": "До",
"Update": "Обновить",
"Your browser has shown that you are no robot.": "Браузер подтвердил, что вы не робот.",
"Your browser is solving a small sum, to show that you are no robot…": "Браузер решает небольшую задачу, чтобы подтвердить, что вы не робот…",
"for good: this ban does not expire": "бессрочно: этот бан не истекает"
}
};
